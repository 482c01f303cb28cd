"""One transaction per batch on MongoDB: offsets move only from where they stand, and all or nothing is written."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tasker_core.messages import Finished, encode
from tasker_log_sink.consuming.decoding import DecodedRecord, read
from tasker_log_sink.store.collection_setup import TTL, prepare
from tasker_log_sink.store.projection_store import OffsetAdvance, OffsetConflict, ProjectionStore, StoredPosition
from tasker_log_sink.testing.messages import at, finished, verdict, when
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import UNSTORABLE, Mongo, PyMongoError, session_id

NOW = when(100)
ONE, TWO = TopicPartition("r", 0), TopicPartition("r", 1)


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(database)
    await prepare(found)
    yield found
    found.close()


async def opened(mongo: Mongo, cluster: str = "cluster") -> ProjectionStore:
    """A store of its own, with both partitions claimed."""
    found = ProjectionStore(mongo, cluster)
    await found.open()
    await found.claim([ONE, TWO], NOW)
    return found


@pytest_asyncio.fixture
async def store(mongo: Mongo) -> ProjectionStore:
    return await opened(mongo)


async def positions(store: ProjectionStore) -> dict[TopicPartition, StoredPosition]:
    return await store.claim([ONE, TWO], NOW)


def result(run_id: str, task_id: str = "t") -> DecodedRecord:
    return read("results", finished(run_id, task_id, 3, 20))


async def count(mongo: Mongo, name: str) -> int:
    found: int = await mongo.database[name].count_documents({})
    return found


async def test_a_batch_and_its_offsets_are_written_together(mongo: Mongo, store: ProjectionStore) -> None:
    assert await positions(store) == {ONE: StoredPosition(0, 0), TWO: StoredPosition(0, 0)}
    await store.apply([OffsetAdvance(ONE, 0, 5, None), OffsetAdvance(TWO, 0, 7, when(3))], [result("a")], NOW)
    await store.apply([OffsetAdvance(ONE, 5, 9, None)], [result("b")], NOW)
    assert await positions(store) == {ONE: StoredPosition(9, 0), TWO: StoredPosition(7, 0)}
    assert await count(mongo, "runs") == 2
    found = await mongo.database["partitions"].find_one({"_id": "cluster/r/1"}, {"sessions": 0})
    assert found == {
        "_id": "cluster/r/1",
        "cluster_id": "cluster",
        "topic": "r",
        "partition": 1,
        "next_offset": 7,
        "tasks_offset": 0,
        "watermark": when(3),
        "applied_at": NOW,
    }


@pytest.mark.parametrize("stored", [0, 4, 6])
async def test_who_does_not_start_where_the_offset_stands_writes_nothing(
    mongo: Mongo, store: ProjectionStore, stored: int
) -> None:
    await store.apply([OffsetAdvance(ONE, 0, 5, None)], [], NOW)
    with pytest.raises(OffsetConflict):
        await store.apply([OffsetAdvance(TWO, 0, 2, None), OffsetAdvance(ONE, stored, 9, None)], [result("a")], NOW)
    assert await positions(store) == {ONE: StoredPosition(5, 0), TWO: StoredPosition(0, 0)}
    assert await count(mongo, "runs") == 0


async def test_of_those_that_apply_the_same_one_wins(mongo: Mongo) -> None:
    members = [await opened(mongo) for _ in range(4)]
    facts = [result(f"r{n}") for n in range(200)]
    both = [member.apply([OffsetAdvance(ONE, 0, 200, None)], facts, NOW) for member in members]
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "OffsetConflict",
        "OffsetConflict",
        "OffsetConflict",
        "dict",
    ]
    assert await count(mongo, "runs") == 200


async def test_those_that_write_the_same_documents_wait_for_each_other(mongo: Mongo) -> None:
    members = [await opened(mongo) for _ in range(3)]
    edits = [read("verdicts", verdict("t", 3 + n, 10 + n, generation=3)) for n in range(3)]
    await asyncio.gather(*(member.apply([], [edit], NOW) for member, edit in zip(members, edits, strict=True)))
    assert (await mongo.database["tasks"].find_one({"_id": "t"}))["version"] == 5
    assert await count(mongo, "journal") == 3


async def test_a_transaction_left_open_does_not_hold_up_who_takes_over(mongo: Mongo, store: ProjectionStore) -> None:
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


async def test_moves_of_unknown_and_of_known_tasks(mongo: Mongo, store: ProjectionStore) -> None:
    await store.apply([], [read("verdicts", verdict("known", 3, 10))], NOW)
    moves = await store.apply([], [result("a", "known"), result("b", "unknown")], NOW)
    assert set(moves) == {"known", "unknown"}
    for _ in range(2):
        await store.move(moves, NOW)
    tasks = {task["_id"]: task for task in await mongo.database["tasks"].find().to_list(None)}
    assert tasks["known"]["last_run"]["run_id"] == "a"
    assert tasks["known"]["name"] == "v3"
    assert tasks["unknown"]["last_run"]["run_id"] == "b"
    assert tasks["unknown"]["deleted"]
    assert tasks["unknown"]["gone_at"] == NOW


@pytest.mark.parametrize("known", ["active", "paused", "edited later", "unknown"])
async def test_the_end_of_a_task_follows_by_the_short_way_and_by_the_long_one(
    mongo: Mongo, store: ProjectionStore, known: str
) -> None:
    told = {
        "active": verdict("t", 3, 10),
        "paused": verdict("t", 3, 10, task={"paused": True}),
        "edited later": verdict("t", 4, 30, generation=3),
    }
    await store.apply([], [read("verdicts", told[known])] if known in told else [], NOW)
    over = encode(Finished(task_id="t", generation=3, version=3, reason="once", last_nominal=at(20)))
    last = read("results", finished("a", "t", 3, 20, next_at=None))
    moves = await store.apply([], [last, read("verdicts", over)], NOW)
    for _ in range(2):
        await store.move(moves, NOW)
    found = await mongo.database["tasks"].find_one({"_id": "t"})
    state = {"paused": "paused", "edited later": "active"}.get(known, "finished")
    assert (found["state"], found["finished_version"], found["last_run"]["run_id"]) == (state, 3, "a")
    assert found["next_at"] == (when(31) if known == "edited later" else None)


async def test_noted_moves_only_grow(store: ProjectionStore) -> None:
    await store.apply([OffsetAdvance(ONE, 0, 9, None)], [], NOW)
    await store.moved({ONE: 7})
    await store.moved({ONE: 3})
    assert (await positions(store))[ONE] == StoredPosition(9, 7)


async def test_what_bson_cannot_hold_is_told_apart(store: ProjectionStore) -> None:
    facts = result("a")
    assert facts.run is not None
    with pytest.raises(UNSTORABLE):
        await store.apply([], [facts._replace(run=facts.run | {"attempt": 2**70})], NOW)


async def test_another_cluster_is_noticed_until_this_one_is_claimed(mongo: Mongo) -> None:
    new = ProjectionStore(mongo, "new")
    assert await new.other_clusters("r") == []
    await opened(mongo, "old")
    assert await new.other_clusters("r") == ["old"]
    await opened(mongo, "new")
    assert await new.other_clusters("r") == []


async def test_indexes_are_made_once_and_retentions_follow_the_contract(mongo: Mongo) -> None:
    await mongo.database.command("collMod", "runs", index={"name": "retention", TTL: 60})
    await prepare(mongo)
    stored = await mongo.database["runs"].index_information()
    assert stored["retention"][TTL] == 30 * 24 * 3600
    assert set(stored) == {"_id_", "by_time", "by_task", "by_state", "retention"}
