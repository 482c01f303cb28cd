"""What every store does, in memory or in MongoDB: offsets move only from where they are, all or nothing is written."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec import Raw

from tasker_core.messages.base import encode
from tasker_core.messages.verdicts import Finished, Verdict
from tasker_core.schedules.occurrences import spread_offset
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.store.collection_setup import set_up_collections
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict, StoredPosition
from tasker_log_sink.testing.messages import at, finished, mark_fields, verdict, when
from tasker_log_sink.testing.stores import InMemoryStore, ReadableProjectionStore, ReadableStore
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import UNSTORABLE, Mongo

NOW = when(100)
ONE, TWO = TopicPartition("r", 0), TopicPartition("r", 1)


@pytest_asyncio.fixture(params=["in memory", "MongoDB"])
async def store(request: pytest.FixtureRequest, database: str) -> AsyncIterator[ReadableStore]:
    if request.param == "in memory":
        memory = InMemoryStore()
        await memory.claim([ONE, TWO], NOW)
        yield memory
        return
    mongo = Mongo(MongoConnection(database))
    await set_up_collections(mongo)
    found = ReadableProjectionStore(mongo)
    await found.open()
    await found.claim([ONE, TWO], NOW)
    yield found
    mongo.close()


async def positions(store: ReadableStore) -> list[StoredPosition]:
    found = await store.claim([ONE, TWO], NOW)
    return [found[ONE], found[TWO]]


def result(run_id: str, task_id: str = "t") -> DecodedRecord:
    return decode_record("results", finished(run_id, task_id, 3, 20))


async def test_a_batch_and_its_offsets_are_written_together(store: ReadableStore) -> None:
    assert await positions(store) == [StoredPosition(0, 0), StoredPosition(0, 0)]
    await store.apply([OffsetAdvance(ONE, 0, 5, None), OffsetAdvance(TWO, 0, 7, mark_fields(3))], [result("a")], NOW)
    await store.apply([OffsetAdvance(ONE, 5, 9, None)], [result("b")], NOW)
    assert await positions(store) == [StoredPosition(9, 0), StoredPosition(7, 0)]
    assert set((await store.all())["runs"]) == {"a", "b"}


async def test_progress_is_read_again_from_the_beginning_where_the_applied_offset_goes_back(
    store: ReadableStore,
) -> None:
    """The topic was made again, or has lost its end: saved offsets of progress speak of what is gone."""
    await store.apply([OffsetAdvance(ONE, 0, 1000, None), OffsetAdvance(TWO, 0, 1000, None)], [], NOW)
    await store.save_progress_offsets({ONE: 1000, TWO: 900})
    await store.apply([OffsetAdvance(ONE, 1000, 2, None), OffsetAdvance(TWO, 1000, 1001, None)], [], NOW)
    assert await positions(store) == [StoredPosition(2, 0), StoredPosition(1001, 900)]
    await store.save_progress_offsets({ONE: 1})
    assert await positions(store) == [StoredPosition(2, 1), StoredPosition(1001, 900)]


@pytest.mark.parametrize("stored", [0, 4, 6])
async def test_a_batch_that_does_not_start_at_the_offset_writes_nothing(store: ReadableStore, stored: int) -> None:
    await store.apply([OffsetAdvance(ONE, 0, 5, None)], [], NOW)
    with pytest.raises(OffsetConflict):
        await store.apply([OffsetAdvance(TWO, 0, 2, None), OffsetAdvance(ONE, stored, 9, None)], [result("a")], NOW)
    assert await positions(store) == [StoredPosition(5, 0), StoredPosition(0, 0)]
    assert (await store.all())["runs"] == {}


async def test_progress_of_known_and_of_unknown_tasks(store: ReadableStore) -> None:
    await store.apply([], [decode_record("verdicts", verdict("known", 3, 10))], NOW)
    progress = await store.apply([], [result("a", "known"), result("b", "unknown")], NOW)
    assert set(progress) == {"known", "unknown"}
    for _ in range(2):
        await store.write_progress(progress, NOW)
    tasks = (await store.all())["tasks"]
    assert tasks["known"]["last_run"]["run_id"] == "a"
    assert tasks["known"]["name"] == "v3"
    assert tasks["unknown"]["last_run"]["run_id"] == "b"
    assert tasks["unknown"]["deleted"]
    assert tasks["unknown"]["gone_at"] == NOW
    assert (await store.all())["next_times"] == {
        "known": {"_id": "known", "next_at": tasks["known"]["next_at"], "due_at": None}
    }


@pytest.mark.parametrize("known", ["active", "paused", "edited later", "unknown"])
async def test_the_end_of_a_task_follows_its_last_run(store: ReadableStore, known: str) -> None:
    verdicts = {
        "active": verdict("t", 3, 10),
        "paused": verdict("t", 3, 10, task={"paused": True}),
        "edited later": verdict("t", 4, 30, generation=3),
    }
    await store.apply([], [decode_record("verdicts", verdicts[known])] if known in verdicts else [], NOW)
    over = encode(Finished(task_id="t", generation=3, version=3, reason="once", last_nominal=at(20)))
    last = decode_record("results", finished("a", "t", 3, 20, next_at=None))
    progress = await store.apply([], [last, decode_record("verdicts", over)], NOW)
    for _ in range(2):
        await store.write_progress(progress, NOW)
    found = (await store.all())["tasks"]["t"]
    state = {"paused": "paused", "edited later": "active"}.get(known, "finished")
    assert (found["state"], found["finished_version"], found["last_run"]["run_id"]) == (state, 3, "a")
    assert found["next_at"] == (when(31) if known == "edited later" else None)


async def test_a_task_whose_last_run_nobody_has_begun_keeps_its_place_among_those_that_are_due(
    store: ReadableStore,
) -> None:
    await store.apply([], [decode_record("verdicts", verdict("t", 3, 10, next_at=at(20)))], NOW)
    over = encode(Finished(task_id="t", generation=3, version=3, reason="once", last_nominal=at(20)))
    for message, state, next_at in (
        (over, "active", when(20)),
        (finished("a", "t", 3, 20, next_at=None, outcome="failed", retry_at=at(30)), "active", None),
        (finished("a", "t", 3, 20, next_at=None, attempt=2), "finished", None),
    ):
        record = decode_record("verdicts" if message is over else "results", message)
        await store.write_progress(await store.apply([], [record], NOW), NOW)
        found = await store.all()
        assert (found["tasks"]["t"]["state"], found["tasks"]["t"]["next_at"]) == (state, next_at)
        assert found["next_times"]["t"]["next_at"] == next_at


async def test_a_task_is_due_when_its_spread_says(store: ReadableStore) -> None:
    schedule = {"cron": "0 0 * * * *", "spread": "PT30M"}
    offset = spread_offset("t", 1800)
    made = verdict("t", 3, 10, next_at=at(3600), task={"schedule": schedule})
    ran = finished("a", "t", 3, 3600, effective_at=at(3600 + offset), next_at=at(7200))
    plain = verdict("t", 4, 5000, generation=3, next_at=at(7200))
    for message, next_at, due_at in (
        (made, 3600, when(3600 + offset)),
        (ran, 7200, when(7200 + offset)),
        (plain, 7200, None),
    ):
        record = decode_record("results" if message is ran else "verdicts", message)
        await store.write_progress(await store.apply([], [record], NOW), NOW)
        found = await store.all()
        assert (found["tasks"]["t"]["next_at"], found["tasks"]["t"]["due_at"]) == (when(next_at), due_at)
        assert found["next_times"]["t"] == {"_id": "t", "next_at": when(next_at), "due_at": due_at}


async def test_offsets_of_progress_only_grow(store: ReadableStore) -> None:
    await store.apply([OffsetAdvance(ONE, 0, 9, None)], [], NOW)
    await store.save_progress_offsets({ONE: 7})
    await store.save_progress_offsets({ONE: 3})
    assert (await positions(store))[0] == StoredPosition(9, 7)


async def test_what_cannot_be_stored_is_told_from_other_failures(store: ReadableStore) -> None:
    record = result("a")
    assert record.run is not None
    with pytest.raises(UNSTORABLE):
        await store.apply([], [record._replace(run={**record.run, "attempt": 2**70})], NOW)
    assert (await store.all())["runs"] == {}


async def test_what_a_change_set_has_of_a_second_beginning_goes_when_the_first_one_is_read(
    store: ReadableStore,
) -> None:
    """Whatever is not stated by the first one is taken away, too."""
    for version, content in ((9, {"options": {"ids": ["a"]}, "owner": "b"}), (3, {"filter": {"tag": ["x"]}})):
        about: dict[str, Any] = {"event_id": f"e{version}", "version": version, "effective_from": at(version)}
        stated = Raw(msgspec.json.encode({"id": "move", "kind": "bulk", "action": f"a{version}", **content}))
        message = Verdict(event_type="change-set", task_id="move", verdict="accepted", change_set_state=stated, **about)
        await store.apply([], [decode_record("verdicts", encode(message))], NOW)
    document = (await store.all())["change_sets"]["move"]
    assert (document["action"], document["filter_json"]) == ("a3", '{"tag":["x"]}')
    assert not document.keys() & {"options_json", "owner"}
