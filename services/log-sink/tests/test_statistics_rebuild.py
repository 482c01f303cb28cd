"""The statistics are made again from the log: never doubled, whatever is lost, and while the log sink goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from tasker_core.statistics.run_statistics import RunStatistics, stored_statistics
from tasker_core.topics import partition_of
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.rebuild.statistics_rebuild import StatisticsRebuild
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import NOON_MS, at, finished
from tasker_runtime.clock import utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

PARTITIONS = 3
START = (utc_now() - timedelta(hours=5)).timestamp() - NOON_MS / 1000
LOGGED = utc_now()
Documents = dict[str, RunStatistics]


def result(number: int, **fields: Any) -> DecodedRecord:
    task, fields = f"t{number % 7}", {"handler": ("curl", "http")[number % 2]} | fields
    value = finished(f"r{number}", task, 1, START + number * 17, **fields)
    return decode_record("results", value, partition=partition_of(task, PARTITIONS))


def again(number: int) -> DecodedRecord:
    """A first attempt that failed, and will be repeated."""
    return result(number, outcome="failed", retry_at=at(START + number * 17 + 30))


RECORDS = [
    *(result(n) for n in range(300)),
    *(again(n) for n in range(300, 320)),
    *(result(n, attempt=2, lane="background") for n in range(300, 310)),
    result(400, kind="backfill"),
    result(401, kind="manual"),
]


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    await set_up_collections(found)
    yield found
    found.close()


async def log(mongo: Mongo, records: Sequence[DecodedRecord], *, merged: bool = True) -> ProjectionStore:
    store = ProjectionStore(mongo, "cluster", "t")
    await store.open()
    for start in range(0, len(records), 50):
        await store.apply([], records[start : start + 50], LOGGED)
    if merged:
        await store.merge_statistics(LOGGED)
    return store


async def counted(mongo: Mongo) -> Documents:
    documents = await mongo.database["stats"].find({}).to_list(None)
    return {one["_id"]: stored_statistics(one) for one in documents}


def unheard(what: str, done: int, total: int) -> None:
    """Nobody looks at the progress."""


async def rebuild(mongo: Mongo, kept_since: datetime | None = None) -> int:
    return await StatisticsRebuild(mongo, PARTITIONS, utc_now, unheard).run(kept_since)


@pytest.mark.parametrize("merged", [True, False])
async def test_what_is_right_stays(mongo: Mongo, merged: bool) -> None:
    await log(mongo, RECORDS, merged=merged)
    assert await rebuild(mongo) == 0
    right = await counted(mongo)
    assert sum(one.promised for name, one in right.items() if name.startswith("all/hour/")) == 320
    assert await mongo.database["stats_pending"].count_documents({}) == 0


async def test_runs_that_are_lost_and_logged_again_are_not_doubled(mongo: Mongo) -> None:
    await log(mongo, RECORDS)
    right = await counted(mongo)
    await mongo.database["runs"].delete_many({"task_id": "t3", "kind": {"$ne": "backfill"}})
    assert await rebuild(mongo) > 0
    assert await counted(mongo) != right
    await log(mongo, RECORDS)  # adds what is lost, and counts it
    assert await counted(mongo) == right
    await mongo.database["runs"].delete_many({"task_id": "t4", "kind": {"$ne": "backfill"}})
    await log(mongo, RECORDS)  # counts a second time what was counted
    assert await counted(mongo) != right
    assert await rebuild(mongo) > 0
    assert await counted(mongo) == right


async def test_what_an_earlier_release_logged_is_counted_afterwards(mongo: Mongo) -> None:
    scheduled = [one for one in RECORDS if one.run is not None and one.run["kind"] != "backfill"]
    await log(mongo, scheduled)
    right = await counted(mongo)
    for name in ("stats", "stats_pending"):
        await mongo.database[name].delete_many({})
    assert await rebuild(mongo, kept_since=utc_now()) > 0
    assert await counted(mongo) == right
    assert await rebuild(mongo, kept_since=utc_now()) == 0


async def test_what_kafka_does_not_hold_whole_any_more_stays_as_it_was_counted(mongo: Mongo) -> None:
    await log(mongo, RECORDS)
    right = await counted(mongo)
    await mongo.database["runs"].delete_many({})
    assert await rebuild(mongo, kept_since=utc_now()) == 0
    assert await counted(mongo) == right


async def test_beside_a_log_sink_nothing_is_lost_or_doubled(mongo: Mongo) -> None:
    await log(mongo, RECORDS[:150])
    await mongo.database["stats"].delete_many({})
    store, over = await log(mongo, []), asyncio.Event()

    async def sink() -> None:
        for start in range(150, len(RECORDS), 10):
            await store.apply([], RECORDS[start : start + 10], LOGGED)
            if start % 50 == 0:
                await store.merge_statistics(LOGGED)
        over.set()

    async def rebuilds() -> None:
        while not over.is_set():
            await rebuild(mongo)

    await asyncio.gather(sink(), rebuilds())
    await store.merge_statistics(LOGGED)
    right = await counted(mongo)
    assert await rebuild(mongo) == 0
    assert await counted(mongo) == right
    assert sum(one.promised for name, one in right.items() if name.startswith("all/hour/")) == 320
