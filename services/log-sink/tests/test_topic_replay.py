"""However much is replayed, no transaction is too large for MongoDB, or for the log sink beside it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest_asyncio

from tasker_core.time.instant import to_ms
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.rebuild.topic_replay import BATCH_RECORDS, TopicReplay
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.partition_offsets import OffsetAdvance
from tasker_log_sink.testing.messages import finished, verdict, when
from tasker_log_sink.testing.stores import ReadableProjectionStore
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

NOW = when(100)


class MeasuringStore(ReadableProjectionStore):
    """Notes of how many records and tasks its transactions are."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo)
        self.sizes = list[int]()

    async def apply(
        self, advances: Sequence[OffsetAdvance], records: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, TaskProgress]:
        self.sizes.append(len(records))
        return await super().apply(advances, records, now)

    async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
        self.sizes.append(len(progress))
        await super().write_progress(progress, now)


@pytest_asyncio.fixture
async def store(database: str) -> AsyncIterator[MeasuringStore]:
    mongo = Mongo(MongoConnection(database))
    await set_up_collections(mongo)
    found = MeasuringStore(mongo)
    await found.open()
    yield found
    mongo.close()


async def test_transactions_are_small(store: MeasuringStore) -> None:
    reader: Any = None  # nothing is read here
    replay = TopicReplay(reader, {}, store, lambda: NOW, _unheard)
    count = 2 * BATCH_RECORDS + 1
    await replay.write([decode_record("verdicts", verdict(f"t{n}", 3, 10)) for n in range(count)])
    await replay.write([decode_record("results", finished(f"r{n}", f"t{n}", 3, 20)) for n in range(count)])
    assert max(store.sizes) <= BATCH_RECORDS
    documents = await store.all()
    assert len(documents["tasks"]) == len(documents["runs"]) == count
    last: dict[str, Any] = documents["tasks"][f"t{count - 1}"]["last_run"]
    assert to_ms(last["nominal_at"]) == to_ms(when(20))


def _unheard(what: str, done: int, total: int) -> None:
    del what, done, total
