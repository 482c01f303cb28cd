"""Tasks that were changed under an earlier release: their revisions, on a real MongoDB."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from tasker_core.documents.revisions import RevisionDocument
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.tasks.task_definition import DefinedTask, defined_task_json, definition_fields
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.store.revision_upgrade import upgrade_revisions
from tasker_log_sink.testing.messages import at, verdict, when
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

NOW = when(100)
CREATED = verdict("t", 3, 10, actor="ann", channel="ui")
PAUSED = verdict("t", 5, 20, generation=3, event_type="pause", task={"paused": True}, note="holidays")
EDITED = verdict("t", 7, 30, generation=3, task={"tags": ["x"]}, since=at(30), after_nominal=at(29))
DELETED = verdict("gone", 9, 40, generation=3, event_type="delete", task=None, next_at=None)


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    await set_up_collections(found)
    yield found
    found.close()


async def opened(mongo: Mongo, *, whole: bool = False) -> ProjectionStore:
    store = ProjectionStore(mongo, "cluster", "t", whole_histories=whole)
    await store.open()
    return store


async def earlier(mongo: Mongo, *messages: bytes, journal: bool = True) -> ProjectionStore:
    """A store as the release before has left it."""
    store = await opened(mongo)
    await store.apply([], [decode_record("verdicts", message) for message in messages], NOW)
    await mongo.database["revisions"].delete_many({})
    if not journal:
        await mongo.database["journal"].delete_many({})
    return store


async def revisions(mongo: Mongo) -> list[RevisionDocument]:
    return await mongo.database["revisions"].find().sort([("task_id", 1), ("effective_from", 1)]).to_list(None)


def told(found: list[RevisionDocument]) -> list[tuple[Any, ...]]:
    return [(one["_id"], one["event_type"], one["source"], one["superseded_at"]) for one in found]


async def test_the_journal_tells_who_had_changed_what(mongo: Mongo) -> None:
    gone = verdict("gone", 3, 10)
    store = await earlier(mongo, CREATED, PAUSED, gone, DELETED)
    assert await upgrade_revisions(mongo, store, lambda: NOW) == 6
    found = await revisions(mongo)
    assert told(found) == [
        ("gone/3", "put", "journal", when(40)),
        ("gone/9", "delete", "journal", None),
        ("t/3", "put", "journal", when(20)),
        ("t/5", "pause", "journal", None),
    ]
    assert [(one["actor"], one["note"], one["paused"]) for one in found[2:]] == [
        ("ann", None, False),
        (None, "holidays", True),
    ]
    await upgrade_revisions(mongo, store, lambda: NOW)
    assert await revisions(mongo) == found
    assert await upgrade_revisions(mongo, store, lambda: NOW + timedelta(hours=1)) is None


async def test_without_a_journal_the_task_tells_what_it_was_and_no_more(mongo: Mongo) -> None:
    store = await earlier(mongo, CREATED, PAUSED, verdict("gone", 3, 10), DELETED, journal=False)
    await upgrade_revisions(mongo, store, lambda: NOW)
    found = await revisions(mongo)
    assert told(found) == [
        ("gone/3", "unknown", "snapshot", NOW),
        ("gone/9", "delete", "snapshot", None),
        ("t/5", "unknown", "snapshot", None),
    ]
    held = found[2]
    assert (held["since"], held["effective_from"], held["actor"], held["channel"]) == (when(20), when(20), None, None)
    task = msgspec.json.decode(held["task_json"] or "")
    assert (task["name"], task["schedule"], task["paused"]) == ("v5", {"cron": "* * * * * *"}, True)


async def test_a_change_that_comes_before_the_upgrade_keeps_the_version_before(mongo: Mongo) -> None:
    store = await earlier(mongo, CREATED, PAUSED)
    await store.apply([], [decode_record("verdicts", EDITED, offset=7)], NOW)
    assert told(await revisions(mongo)) == [
        ("t/5", "unknown", "snapshot", when(30)),
        ("t/7", "put", "verdict", None),
    ]
    await upgrade_revisions(mongo, store, lambda: NOW)
    found = await revisions(mongo)
    assert told(found) == [
        ("t/3", "put", "journal", when(20)),
        ("t/5", "pause", "journal", when(30)),
        ("t/7", "put", "verdict", None),
    ]
    assert found[2]["after_nominal"] == when(29)


async def test_members_that_upgrade_at_once_make_the_same(mongo: Mongo) -> None:
    store = await earlier(mongo, CREATED, PAUSED)
    other = await opened(mongo)
    await upgrade_revisions(mongo, store, lambda: NOW)
    await mongo.database["rebuilds"].delete_many({})
    found = await revisions(mongo)
    await upgrade_revisions(mongo, other, lambda: NOW)
    assert await revisions(mongo) == found


async def test_a_rebuild_puts_whole_histories_in_order(mongo: Mongo) -> None:
    store = await opened(mongo)
    records = [decode_record("verdicts", message) for message in (CREATED, PAUSED, EDITED)]
    await store.apply([], records, NOW)
    found = await revisions(mongo)
    await mongo.database["revisions"].update_many({}, {"$set": {"superseded_at": when(1)}})
    await mongo.database["revisions"].delete_one({"_id": "t/5"})
    rebuild = await opened(mongo, whole=True)
    await rebuild.apply([], records[1:], NOW)
    assert await revisions(mongo) == found


RAW = st.sampled_from([Raw(b"null"), Raw(b'{"a":1}')])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "id": st.just("t"),
    "name": st.text(max_size=3),
    "description": st.text(max_size=3),
    "tags": st.lists(st.text(max_size=2), max_size=2),
    "schedule": st.just(Raw(b'{"manual":true}')),
    "handler": st.sampled_from(["default", "x"]),
    "payload": RAW,
    "timeout": st.sampled_from(["PT1M", "PT2M"]),
    "retry": RAW,
    "overlap": st.sampled_from(["allow", "skip"]),
    "max_consecutive_failures": st.none() | st.integers(1, 9),
    "misfire": RAW,
    "then": st.sampled_from([Raw(b"null"), Raw(b'[{"task":"b"}]')]),
    "notify": RAW,
    "paused": st.booleans(),
    "pause": st.sampled_from([Raw(b"null"), Raw(b'{"at":"x"}')]),
}


@given(st.fixed_dictionaries(FIELDS))
def test_a_task_comes_back_from_its_document(fields: dict[str, Any]) -> None:
    assert set(FIELDS) == set(DefinedTask.__struct_fields__), "a new option must come back, too"
    task = DefinedTask(**fields)
    again = defined_task_json("t", definition_fields(task, NOW), paused=task.paused)
    assert msgspec.json.decode(again) == msgspec.json.decode(msgspec.json.encode(task))
