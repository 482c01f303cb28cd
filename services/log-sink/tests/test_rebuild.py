"""Since when Kafka holds everything, and one replacement at a time: on real Kafka and MongoDB."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiokafka.admin import RecordsToDelete

from tasker_core.kafka_record import Record
from tasker_core.topics import Topics
from tasker_log_sink.rebuild.rebuild import Rebuild
from tasker_log_sink.rebuild.replacement import Replacement
from tasker_log_sink.rebuild.shadow_claim import DEAD_AFTER, ReplacementRunning, ShadowClaim
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.clock import utc_now
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.admin_client import admin_client
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.mongo import Mongo


class SlowReader(PartitionReader):
    """A reader to whom nothing comes at first."""

    empty = 2

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        if self.empty:
            self.empty -= 1
            return []
        return await super().poll(wait_ms, limit)


def unheard(what: str, done: int, total: int) -> None:
    """Nobody looks at the progress."""


@pytest_asyncio.fixture(loop_scope="session")
async def mongo(database: str) -> AsyncIterator[Mongo]:
    found = Mongo(MongoConnection(database))
    yield found
    found.close()


@pytest_asyncio.fixture(loop_scope="session")
async def rebuild(kafka: str, topics: str, mongo: Mongo) -> AsyncIterator[Rebuild]:
    connection = KafkaConnection(kafka)
    reader = SlowReader(connection)
    await reader.start()
    yield Rebuild(connection, Topics(topics), reader, mongo, utc_now, unheard)
    await reader.stop()


async def test_records_that_come_slowly_do_not_count_as_none(kafka: str, topics: str, rebuild: Rebuild) -> None:
    assert await rebuild.kept_since() is None
    partition = TopicPartition(Topics(topics)["results"], 2)
    producer = RecordProducer(KafkaConnection(kafka))
    for value in (b"gone", b"kept"):
        await producer.send(partition.topic, value, key=b"k", partition=partition.partition)
    await producer.stop()
    async with admin_client(KafkaConnection(kafka)) as admin:
        await admin.delete_records({partition: RecordsToDelete(before_offset=1)})
    kept = await rebuild.kept_since()
    assert kept is not None
    assert abs(kept - utc_now()) < timedelta(minutes=5)


async def test_one_replacement_leaves_alone_what_another_has_made(mongo: Mongo, rebuild: Rebuild, topics: str) -> None:
    store = ProjectionStore(mongo, "a-cluster", topics)
    await store.open()
    replacement = Replacement(rebuild, mongo, "a-cluster", utc_now, unheard)
    shadow = mongo.database["rebuild.runs"]
    async with ShadowClaim(mongo, "others", utc_now).held():
        await shadow.insert_one({"_id": "theirs"})
        with pytest.raises(ReplacementRunning, match=r"topics others\..*wait for its end"):
            await replacement.run(store)
        assert await shadow.count_documents({}) == 1
    await replacement.run(store)
    names = await mongo.database.list_collection_names()
    assert not [name for name in names if name.startswith("rebuild.")]
    await replacement.run(store)


async def test_one_that_gives_no_sign_of_life_is_replaced_and_stops(mongo: Mongo) -> None:
    now = utc_now()
    dead, alive = ShadowClaim(mongo, "t", lambda: now), ShadowClaim(mongo, "t", lambda: now)
    async with dead.held():
        now += DEAD_AFTER
        await dead.beat()
        dead.check()
        with pytest.raises(ReplacementRunning):
            async with alive.held():
                pass
        now += DEAD_AFTER + timedelta(seconds=1)
        async with alive.held():
            await dead.beat()
            with pytest.raises(ReplacementRunning, match="no sign of life"):
                dead.check()
            alive.check()
