"""The order in which tasks are due, where an earlier release has written the tasks: made beside the log sink."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest_asyncio
import structlog
from structlog.testing import capture_logs

from tasker_devstack.polling import eventually
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.next_time_upgrade import PAGE, NextTimeUpgrade, complete_next_times
from tasker_log_sink.testing.messages import finished, verdict, when
from tasker_log_sink.testing.stores import ReadableProjectionStore, next_times_of
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo

HERE = TopicPartition("r", 0)
NOW = when(100)
DELETED = verdict("gone", 9, 40, generation=3, event_type="delete", task=None, next_at=None)


@pytest_asyncio.fixture
async def store(database: str) -> AsyncIterator[ReadableProjectionStore]:
    mongo = Mongo(MongoConnection(database))
    await set_up_collections(mongo)
    found = ReadableProjectionStore(mongo)
    await found.open()
    yield found
    mongo.close()


async def put(store: ReadableProjectionStore, *task_ids: str) -> None:
    await store.apply([], [decode_record("verdicts", verdict(one, 3, 10)) for one in task_ids], NOW)


async def run(store: ReadableProjectionStore, task_id: str, nominal: float) -> None:
    record = decode_record("results", finished(f"{task_id}-{nominal}", task_id, 3, nominal))
    await store.write_progress(await store.apply([], [record], NOW), NOW)


async def is_right(store: ReadableProjectionStore) -> bool:
    documents = await store.all()
    return documents["next_times"] == next_times_of(documents)


async def test_what_is_missing_is_made_and_what_is_wrong_is_put_right(store: ReadableProjectionStore) -> None:
    await put(store, *(f"t{n}" for n in range(PAGE + 1)), "gone")
    await store.apply([], [decode_record("verdicts", DELETED)], NOW)
    next_times: Any = store.mongo.database["next_times"]
    await next_times.delete_one({"_id": "t7"})
    await next_times.update_one({"_id": f"t{PAGE}"}, {"$set": {"next_at": when(1)}})
    await next_times.insert_one({"_id": "gone", "next_at": when(1)})
    assert await complete_next_times(store.mongo) == 3
    assert await is_right(store)
    assert await complete_next_times(store.mongo) == 0


async def test_a_task_that_runs_meanwhile_keeps_its_newest_time(store: ReadableProjectionStore) -> None:
    ids = [f"t{n}" for n in range(20)]
    await put(store, *ids)
    for again in range(3):
        await store.mongo.database["next_times"].delete_many({})
        runs = [run(store, one, 20 + again) for one in ids]
        await asyncio.gather(complete_next_times(store.mongo), asyncio.create_task(in_turn(runs)))
        assert await is_right(store)


async def in_turn(runs: list[Any]) -> None:
    for one in runs:
        await one


async def test_it_is_done_after_each_taking_over_from_an_earlier_release(store: ReadableProjectionStore) -> None:
    """After an update, and as often as members of the release before come back."""
    mongo = store.mongo
    await put(store, "a")
    await store.claim([HERE], NOW)
    for _ in range(2):
        await mongo.database["next_times"].delete_many({})
        await mongo.database["partitions"].update_one({}, {"$set": {"sessions": [str(uuid4())]}})
        assert await upgrades(await claimed(mongo))
        assert await is_right(store)
        assert not await upgrades(await claimed(mongo)), "each owner since then has written both"


async def test_what_was_not_completed_is_completed_by_the_next_owner(store: ReadableProjectionStore) -> None:
    mongo = store.mongo
    await put(store, "a")
    await store.claim([HERE], NOW)
    await mongo.database["partitions"].update_one(
        {}, {"$set": {"sessions": [str(uuid4())]}, "$unset": {"ordered_for": ""}}
    )
    await claimed(mongo)  # and ends before it has done anything
    await mongo.database["next_times"].delete_many({})
    assert await upgrades(await claimed(mongo))
    assert await is_right(store)


async def test_what_somebody_else_has_had_meanwhile_is_completed_once_more(store: ReadableProjectionStore) -> None:
    mongo = store.mongo
    await put(store, "a")
    earlier = {"$set": {"sessions": [str(uuid4())]}}
    await store.claim([HERE], NOW)
    await mongo.database["partitions"].update_one({}, earlier)
    await store.claim([HERE], NOW)
    taken = await store.unordered()
    await mongo.database["partitions"].update_one({}, earlier)
    await store.claim([HERE], NOW)
    await store.note_ordered(taken)  # what was completed before that second time
    await mongo.database["next_times"].delete_many({})
    assert await upgrades(store)
    assert await is_right(store)


async def claimed(mongo: Mongo) -> ReadableProjectionStore:
    """A new member that has taken over the partition."""
    member = ReadableProjectionStore(mongo)
    await member.open()
    await member.claim([HERE], NOW)
    return member


async def upgrades(member: ReadableProjectionStore) -> bool:
    """Whether a member has them to complete, and does."""
    partition = await member.mongo.database["partitions"].find_one({})
    log: Log = structlog.get_logger()
    with capture_logs() as logs:
        running = asyncio.create_task(NextTimeUpgrade(member.mongo, member, log).run())
        if partition["ordered_for"] != partition["sessions"]:
            await eventually(lambda: _is_logged(logs), "next_times to be completed", 20)
        running.cancel()
        await asyncio.wait({running})
    return bool(logs)


async def _is_logged(logs: list[Any]) -> bool:
    return bool(logs)
