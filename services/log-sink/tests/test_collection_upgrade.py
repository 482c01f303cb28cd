"""A database that an earlier release has set up: its indexes are replaced, its documents completed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tasker_core.documents.indexes import INDEXES, PEOPLES_ORDER, RETIRED
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.tasks.run_outcomes import run_position
from tasker_log_sink.store.collection_setup import drop_retired_indexes, set_up_collections
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import NOON_MS, finished, verdict, when
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

NOW = when(100)
OTHER: list[dict[str, Any]] = [{}, {"collation": {**PEOPLES_ORDER, "strength": 1}}]
RUN = "0000002" + "0" * 25
ADDED = ("last_outcome", "ended_of", "failures", "streak", "paused_by", "timing", "words")


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    yield found
    found.close()


async def names(mongo: Mongo) -> set[str]:
    return set(await mongo.database["tasks"].index_information()) - {"_id_"}


def pause(by: str) -> dict[str, Any]:
    return {"paused": True, "pause": {"at": "2026-01-01T12:00:00.000Z", "by": by}}


async def earlier_tasks(mongo: Mongo, outcome: str = "failed") -> ProjectionStore:
    """Two tasks as the release before stored them: one of which a run has ended so, one that Ann has paused."""
    store = ProjectionStore(mongo, "cluster", "t")
    await store.open()
    records = [
        decode_record("verdicts", verdict("ran", 3, 10)),
        decode_record("verdicts", verdict("held", 3, 10, task=pause("Ann"))),
    ]
    await store.apply([], records, NOW)
    ran = decode_record("results", finished(RUN, "ran", 3, 20, outcome=outcome))
    await store.write_progress(await store.apply([], [ran], NOW), NOW)
    await mongo.database["tasks"].update_many({}, {"$unset": dict.fromkeys(ADDED, 1)})
    return store


async def task(mongo: Mongo, task_id: str) -> dict[str, Any]:
    return await mongo.database["tasks"].find_one({"_id": task_id})


async def test_new_indexes_stand_before_the_old_ones_go(mongo: Mongo) -> None:
    await mongo.database["tasks"].create_index([("deleted", 1), ("name", 1), ("_id", 1)], name="by_name")
    await mongo.database["tasks"].create_index([("owner", 1)], name="somebody_elses")
    await set_up_collections(mongo)
    wanted = {index.name for index in INDEXES["tasks"]}
    assert await names(mongo) == wanted | {"by_name", "somebody_elses"}
    await drop_retired_indexes(mongo)
    await drop_retired_indexes(mongo)
    assert await names(mongo) == wanted | {"somebody_elses"}
    assert not wanted & set(RETIRED["tasks"])


@pytest.mark.parametrize("options", OTHER)
async def test_an_index_of_the_same_name_with_other_options_is_replaced(mongo: Mongo, options: dict[str, Any]) -> None:
    keys = [("deleted", 1), ("name", 1), ("_id", 1)]
    await mongo.database["tasks"].create_index(keys, name="listed_by_name", **options)
    await mongo.database["tasks"].create_index([("name", 1)], name="of_tag", collation=PEOPLES_ORDER)
    await set_up_collections(mongo)
    stored = await mongo.database["tasks"].index_information()
    assert stored["listed_by_name"]["collation"].items() >= PEOPLES_ORDER.items()
    assert [name for name, _ in stored["of_tag"]["key"]] == ["deleted", "tags", "name", "_id"]


async def test_nothing_is_replaced_that_is_as_it_should_be(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    await set_up_collections(mongo)

    async def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an index was dropped or made")

    for name in ("drop_index", "create_indexes"):
        monkeypatch.setattr(f"motor.motor_asyncio.AsyncIOMotorCollection.{name}", refuse)
    await set_up_collections(mongo)


async def test_documents_are_completed_from_what_they_say(mongo: Mongo) -> None:
    await set_up_collections(mongo)
    await earlier_tasks(mongo)
    await set_up_collections(mongo)
    ran, held = await task(mongo, "ran"), await task(mongo, "held")
    run = run_position(NOON_MS + 20_000, RUN)
    assert (ran["last_outcome"], ran["failures"], ran["ended_of"]) == ("failed", 1, [3, run])
    assert ran["streak"] == {"after": 0, "failed": [run]}
    assert (held["last_outcome"], held["failures"], held["paused_by"]) == (None, 0, "Ann")
    assert ran["timing"] == held["timing"] == '{"cron":"* * * * * *"}'
    assert "ran" in ran["words"]
    before = await task(mongo, "ran")
    await set_up_collections(mongo)
    assert await task(mongo, "ran") == before


@pytest.mark.parametrize(("outcome", "failures"), [("failed", 2), ("succeeded", 1)])
async def test_a_document_that_is_not_completed_yet_is_counted_on(mongo: Mongo, outcome: str, failures: int) -> None:
    await set_up_collections(mongo)
    store = await earlier_tasks(mongo, outcome)
    following = decode_record("results", finished("0000004" + "0" * 25, "ran", 3, 21, outcome="failed"))
    await store.write_progress(await store.apply([], [following], NOW), NOW)
    ran = await task(mongo, "ran")
    assert (ran["last_outcome"], ran["failures"]) == ("failed", failures)
