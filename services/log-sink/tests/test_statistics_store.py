"""The statistics in MongoDB: each batch once, whoever merges, dies or comes again; hours and days are their minutes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio

from tasker_core.statistics.run_statistics import RunStatistics, by_group, stored_statistics
from tasker_core.statistics.time_units import TimeUnit, units_between
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.store import statistics_store
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.testing.messages import NOON_MS, finished, when
from tasker_log_sink.testing.stores import InMemoryStore
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import Mongo, PyMongoError, session_id

NOW = when(7300)
LATER = when(7300 + 61)
ONE = TopicPartition("r", 0)
NOON = NOON_MS // 60_000
RECORDS = [
    decode_record("results", finished(f"r{n}", "t", 3, n * 7, handler=("curl", "a.b/$c")[n % 2]), partition=n % 3)
    for n in range(1_000)
]


@pytest_asyncio.fixture
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    await set_up_collections(found)
    yield found
    found.close()


async def opened(mongo: Mongo) -> ProjectionStore:
    found = ProjectionStore(mongo, "cluster", "t")
    await found.open()
    await found.claim([ONE], NOW)
    return found


async def read(mongo: Mongo, units: list[TimeUnit], of: str = "all") -> RunStatistics:
    found = RunStatistics()
    ids = [unit.document_id(of) for unit in units]
    for document in await mongo.database["stats"].find({"_id": {"$in": ids}}).to_list(None):
        found.merge(stored_statistics(document))
    return found


async def expected(records: list[DecodedRecord]) -> RunStatistics:
    memory, found = InMemoryStore(), RunStatistics()
    await memory.apply([], records, NOW)
    for group in by_group(memory.statistics).values():
        found.merge(group)
    return found


async def check(mongo: Mongo, records: list[DecodedRecord]) -> None:
    """Minutes, hours and days say the same, and handlers and partitions make up all."""
    whole, day = await expected(records), NOON // 1440 * 1440
    minutes = [TimeUnit("minute", start) for start in range(NOON, NOON + 180)]
    hours = [TimeUnit("hour", start) for start in range(day, day + 1440, 60)]
    for units in (minutes, hours, [TimeUnit("day", day)], units_between(NOON - 7, NOON + 177)):
        assert await read(mongo, units) == whole
        for parts in (("handler/curl", "handler/a.b/$c"), ("partition/0", "partition/1", "partition/2")):
            found = RunStatistics()
            for of in parts:
                found.merge(await read(mongo, units, of))
            assert found == whole
    assert await mongo.database["stats_pending"].count_documents({}) == 0


async def test_what_batches_add_is_merged_once(mongo: Mongo) -> None:
    store = await opened(mongo)
    for start in range(0, 1_000, 100):
        records = RECORDS[start : start + 100]
        await store.apply([OffsetAdvance(ONE, start, start + 100, None)], records, NOW)
        await store.apply([], records, NOW)  # again, as a rebuild and a restart do
        if start % 300 == 0:
            await store.merge_statistics(NOW)
    await store.merge_statistics(NOW)
    assert await store.merge_statistics(NOW) == 0
    await check(mongo, RECORDS)


async def test_a_batch_whose_offset_another_member_moved_adds_nothing(mongo: Mongo) -> None:
    first, second = await opened(mongo), await opened(mongo)
    await first.apply([OffsetAdvance(ONE, 0, 1_000, None)], RECORDS, NOW)
    with pytest.raises(OffsetConflict):
        await second.apply([OffsetAdvance(ONE, 0, 1_000, None)], RECORDS, NOW)
    await second.merge_statistics(LATER)
    await check(mongo, RECORDS)


async def test_a_batch_that_was_killed_before_its_commit_adds_nothing_and_counts_when_it_comes_again(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(mongo)
    add = statistics_store.StatisticsStore.add

    async def killed(one: Any, session: Any, batch: Any) -> None:
        await add(one, session, batch)
        await mongo.kill([session_id(session)])

    with monkeypatch.context() as patch:
        patch.setattr(statistics_store.StatisticsStore, "add", killed)
        with pytest.raises(PyMongoError):
            await store.apply([OffsetAdvance(ONE, 0, 1_000, None)], RECORDS, NOW)
    assert await mongo.database["stats_pending"].count_documents({}) == 0
    after = await opened(mongo)
    await after.apply([OffsetAdvance(ONE, 0, 1_000, None)], RECORDS, NOW)
    await after.merge_statistics(NOW)
    await check(mongo, RECORDS)


async def test_what_a_member_left_behind_another_one_merges_after_a_while(mongo: Mongo) -> None:
    dead, alive = await opened(mongo), await opened(mongo)
    await dead.apply([], RECORDS, NOW)
    assert await alive.merge_statistics(NOW) == 0
    assert await alive.merge_statistics(LATER) == 1
    await check(mongo, RECORDS)


async def test_members_that_merge_the_same_at_once_merge_it_once(mongo: Mongo) -> None:
    members = [await opened(mongo) for _ in range(4)]
    for member, start in zip(members, range(0, 1_000, 250), strict=True):
        await member.apply([], RECORDS[start : start + 250], NOW)

    async def merge(member: ProjectionStore) -> None:
        async with asyncio.timeout(30):
            while True:
                with suppress(PyMongoError):  # what conflicts too often is left for the next time
                    await member.merge_statistics(LATER)
                    return

    await asyncio.gather(*map(merge, members))
    await check(mongo, RECORDS)


async def test_many_batches_are_merged_in_portions(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics_store, "MAX_PENDING", 3)
    store = await opened(mongo)
    for start in range(0, 1_000, 100):
        await store.apply([], RECORDS[start : start + 100], NOW)
    assert [await store.merge_statistics(NOW) for _ in range(5)] == [3, 3, 3, 1, 0]
    await check(mongo, RECORDS)
