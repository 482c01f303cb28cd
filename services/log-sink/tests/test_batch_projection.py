"""Whatever the order in which topics are read, however often they are read again: the same documents.

One suite runs on the store in memory and on MongoDB. Histories are made up as the ticker and executors write them: each
topic in its order. The outcome is compared with that of reading it all once, and with what the history itself says.
"""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.testing.histories import History, Topic, histories
from tasker_log_sink.testing.messages import when
from tasker_log_sink.testing.stores import (
    ALL,
    InMemoryStore,
    ReadableProjectionStore,
    ReadableStore,
    next_times_of,
    without_clock_fields,
)
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

NOW = when(5000)


async def write(store: ReadableStore, progress: dict[str, TaskProgress]) -> None:
    if progress:
        await store.write_progress(progress, NOW)


def decode(topic: Topic, values: list[bytes], start: int, end: int | None = None) -> list[DecodedRecord]:
    """The records at the offsets [start, end)."""
    return [decode_record(topic, value, offset=at) for at, value in enumerate(values[start:end], start)]


async def read_once(store: ReadableStore, written: dict[Topic, list[bytes]]) -> None:
    for topic, values in written.items():
        await write(store, await store.apply([], decode(topic, values, 0), NOW))


async def read_somehow(store: ReadableStore, written: dict[Topic, list[bytes]], data: st.DataObject) -> None:
    """In batches of any topics, going back in a topic now and then, the progress written late and in any order."""
    reached: dict[Topic, int] = {"verdicts": 0, "results": 0}
    late: list[dict[str, TaskProgress]] = []
    for _ in range(12):
        records: list[DecodedRecord] = []
        for topic, values in written.items():
            start = max(0, reached[topic] - data.draw(st.sampled_from([0, 0, 3, 100])))
            end = min(len(values), start + data.draw(st.integers(0, 9)))
            records += decode(topic, values, start, end)
            reached[topic] = max(reached[topic], end)
        late.append(await store.apply([], records, NOW))
        if data.draw(st.booleans()):
            await write(store, late.pop(data.draw(st.integers(0, len(late) - 1))))
    for topic in data.draw(st.permutations(list(written))):
        late.append(await store.apply([], decode(topic, written[topic], reached[topic]), NOW))
    for progress in data.draw(st.permutations(late)):
        await write(store, progress)


async def compare(found: list[History], data: st.DataObject, one: ReadableStore, other: ReadableStore) -> None:
    written: dict[Topic, list[bytes]] = {"verdicts": [], "results": []}
    for history in found:
        for topic, values in history.topics.items():
            written[topic] += values
    await read_once(one, written)
    await read_somehow(other, written, data)
    stored = await other.all()
    assert without_clock_fields(await one.all()) == without_clock_fields(stored)
    assert stored["next_times"] == next_times_of(stored)
    for history in found:
        history.check(stored["tasks"][history.task_id])
        history.check_revisions(stored["revisions"].values())


@settings(max_examples=200, deadline=None)
@given(histories(), st.data())
async def test_any_order_gives_the_same_documents(found: list[History], data: st.DataObject) -> None:
    await compare(found, data, InMemoryStore(), InMemoryStore())


@pytest.fixture(scope="session")
async def store(mongodb: str) -> Any:
    mongo = Mongo(MongoConnection(mongodb.replace("/tasker?", f"/t{uuid4().hex[:10]}?")))
    await set_up_collections(mongo)
    found = ReadableProjectionStore(mongo)
    await found.open()
    yield found
    await mongo.client.drop_database(mongo.database.name)
    mongo.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.data())
async def test_mongodb_gives_the_documents_of_the_store_in_memory(
    store: ReadableProjectionStore, found: list[History], data: st.DataObject
) -> None:
    for name in ALL:
        await store.mongo.database[name].delete_many({})
    await compare(found, data, InMemoryStore(), store)
