"""What only MongoDB shows: members that write at the same time, transactions left open, other clusters, indexes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from tasker_core.documents.indexes import INDEXES, TTL
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.partition_offsets import OffsetAdvance, StoredPosition
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import finished, mark_fields, verdict, when
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import Mongo, PyMongoError, session_id

NOW = when(100)
FAILED: Final[dict[str, Any]] = {"error": {"kind": "exit", "message": "no"}}
ONE, TWO = TopicPartition("r", 0), TopicPartition("r", 1)


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    await set_up_collections(found)
    yield found
    found.close()


async def opened(mongo: Mongo, cluster: str = "cluster") -> ProjectionStore:
    """A store of its own, with both partitions claimed."""
    found = ProjectionStore(mongo, cluster, "t")
    await found.open()
    await found.claim([ONE, TWO], NOW)
    return found


@pytest_asyncio.fixture
async def store(mongo: Mongo) -> ProjectionStore:
    return await opened(mongo)


def result(run_id: str, task_id: str = "t") -> DecodedRecord:
    return decode_record("results", finished(run_id, task_id, 3, 20))


async def count(mongo: Mongo, name: str) -> int:
    found: int = await mongo.database[name].count_documents({})
    return found


async def test_a_partition_says_how_far_it_is_applied(mongo: Mongo, store: ProjectionStore) -> None:
    await store.apply([OffsetAdvance(TWO, 0, 7, mark_fields(3))], [result("a")], NOW)
    found = await mongo.database["partitions"].find_one({"_id": "cluster/r/1"}, {"sessions": 0, "ordered_for": 0})
    assert found == {
        "_id": "cluster/r/1",
        "cluster_id": "cluster",
        "topic": "r",
        "partition": 1,
        "next_offset": 7,
        "tasks_offset": 0,
        "watermark": when(3),
        "owner": "ticker-0",
        "catch_up": [{"from": when(-90), "to": when(-30), "after_task": "b"}],
        "burst": {"second": when(4), "after_task": "m"},
        "held": 1200,
        "version": "1.2.3",
        "clock_offset_ms": -40,
        "applied_at": NOW,
    }


async def test_of_those_that_apply_the_same_one_wins(mongo: Mongo) -> None:
    members = [await opened(mongo) for _ in range(4)]
    records = [result(f"r{n}") for n in range(200)]
    both = [member.apply([OffsetAdvance(ONE, 0, 200, None)], records, NOW) for member in members]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "OffsetConflict",
        "OffsetConflict",
        "OffsetConflict",
        "dict",
    ]
    assert await count(mongo, "runs") == 200


async def test_a_run_that_seems_to_be_new_and_is_known_is_merged(mongo: Mongo, store: ProjectionStore) -> None:
    """As when an executor that was killed has reported a run, and the next one carries it out again."""
    await store.apply([OffsetAdvance(ONE, 0, 1, None)], [result("a")], NOW)
    again = decode_record("results", finished("a", "t", 3, 20, outcome="failed", worker="another", **FAILED))
    await store.apply([OffsetAdvance(ONE, 1, 4, None)], [result("b"), again, result("c")], NOW)
    runs = {run["_id"]: run async for run in mongo.database["runs"].find()}
    assert {one: run["state"] for one, run in runs.items()} == dict.fromkeys("abc", "succeeded")
    assert [attempt["worker"] for attempt in runs["a"]["attempts"]] == ["another"]
    assert (await store.claim([ONE], NOW))[ONE] == StoredPosition(4, 0)
    assert await mongo.database["stats_pending"].count_documents({}) == 2  # each batch is counted once


async def test_those_that_write_the_same_documents_wait_for_each_other(mongo: Mongo) -> None:
    members = [await opened(mongo) for _ in range(3)]
    edits = [decode_record("verdicts", verdict("t", 3 + n, 10 + n, generation=3)) for n in range(3)]
    await asyncio.gather(*(member.apply([], [edit], NOW) for member, edit in zip(members, edits, strict=True)))
    assert (await mongo.database["tasks"].find_one({"_id": "t"}))["version"] == 5
    assert await count(mongo, "journal") == 3


async def test_a_transaction_left_open_does_not_block_the_next_owner(mongo: Mongo, store: ProjectionStore) -> None:
    session = await mongo.session()
    await mongo.database["partitions"].update_many({}, {"$set": {"sessions": [session_id(session)]}})
    session.start_transaction()
    await mongo.database["partitions"].update_one({"_id": "cluster/r/0"}, {"$set": {"next_offset": 1}}, session=session)
    await mongo.database["runs"].insert_one({"_id": "a"}, session=session)
    async with asyncio.timeout(5):
        assert (await store.claim([ONE], NOW))[ONE] == StoredPosition(0, 0)
        await store.apply([OffsetAdvance(ONE, 0, 1, None)], [result("a")], NOW)
    with pytest.raises(PyMongoError):
        await session.commit_transaction()
    assert await count(mongo, "runs") == 1


async def test_another_cluster_is_noticed_until_this_one_is_claimed(mongo: Mongo) -> None:
    new = ProjectionStore(mongo, "new", "t")
    assert await new.other_clusters("r") == []
    await opened(mongo, "old")
    assert await new.other_clusters("r") == ["old"]
    await opened(mongo, "new")
    assert await new.other_clusters("r") == []


async def test_members_that_start_at_once_make_the_collections_together(database: str) -> None:
    members = [Mongo(MongoConnection(database)) for _ in range(8)]
    try:
        for _ in range(8):
            await members[0].client.drop_database(members[0].database.name)
            await asyncio.gather(*(set_up_collections(member) for member in members))
            assert set(INDEXES) <= set(await members[0].database.list_collection_names())
    finally:
        for member in members:
            member.close()


async def test_indexes_are_made_once_and_retentions_follow_the_contract(mongo: Mongo) -> None:
    await mongo.database.command("collMod", "runs", index={"name": "retention", TTL: 60})
    await set_up_collections(mongo)
    stored = await mongo.database["runs"].index_information()
    assert stored["retention"][TTL] == 30 * 24 * 3600
    assert set(stored) == {"_id_", "retention", *(index.name for index in INDEXES["runs"])}


async def test_progress_that_two_members_write_is_that_of_both(mongo: Mongo, store: ProjectionStore) -> None:
    """For a moment after a takeover the member before may still be writing."""
    ids = [f"t{n}" for n in range(30)]
    await store.apply([], [decode_record("verdicts", verdict(one, 3, 10)) for one in ids], NOW)
    other = await opened(mongo)

    async def run(member: ProjectionStore, second: int, outcome: str) -> None:
        fields: dict[str, Any] = {"outcome": outcome, **(FAILED if outcome == "failed" else {})}
        runs = [decode_record("results", finished(f"{one}-{second}", one, 3, second, **fields)) for one in ids]
        await member.write_progress(await member.apply([], runs, NOW), NOW)

    for second in range(20, 32, 2):
        failing = "failed" if second % 4 else "succeeded"
        await asyncio.gather(run(store, second, "succeeded"), run(other, second + 1, failing))
        tasks = await mongo.database["tasks"].find().to_list(None)
        assert {(one["last_run"]["nominal_at"], one["next_at"]) for one in tasks} == {
            (when(second + 1), when(second + 2))
        }
        assert {(one["last_outcome"], one["failures"]) for one in tasks} == {(failing, int(failing == "failed"))}
        entries = await mongo.database["next_times"].find().to_list(None)
        assert [one["next_at"] for one in entries] == [when(second + 2)] * len(ids)


async def test_a_task_that_is_defined_as_it_is_is_not_written_anew(mongo: Mongo, store: ProjectionStore) -> None:
    """It would cost MongoDB all of its indexes; a rebuild defines each task that the ticker holds."""
    records = [decode_record("verdicts", verdict(name, 3, 10)) for name in ("same", "other")]
    await store.apply([], records, NOW)
    before = await places(mongo)
    changed = decode_record("verdicts", verdict("other", 4, 11, generation=3))
    await store.apply([], [records[0], changed], NOW)
    after = await places(mongo)
    assert (after["same"] == before["same"], after["other"] == before["other"]) == (True, False)


async def places(mongo: Mongo) -> dict[str, int]:
    """Where the documents of the tasks lie."""
    found = await mongo.database["tasks"].find({}, {"_id": 1}, show_record_id=True).to_list(None)
    return {one["_id"]: one["$recordId"] for one in found}
