"""Events from clients with librdkafka's default partitioner are on other partitions: they take effect once."""

import zlib
from collections import Counter
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.occurrence_audit import AuditRecord, read_records
from tasker_devstack.polling import eventually
from tasker_ticker.testing.ticker_harness import TickerHarness

EVENTS = ("put", "pause", "trigger", "delete")


def crc32_partition(key: str) -> int:
    """`consistent_random`, librdkafka's default, for a key that is not empty."""
    return zlib.crc32(key.encode()) % PARTITIONS


TASKS = [name for n in range(40) if crc32_partition(name := f"foreign-{n}") != partition_of(name, PARTITIONS)]


def home(key: str) -> int:
    """Where its task lifetimes."""
    return partition_of(key, PARTITIONS)


def event(kind: str, task: str, n: int) -> dict[str, Any]:
    """Half of the events have ids of their own."""
    envelope: dict[str, Any] = {"type": kind} | ({"id": f"{kind}-{task}"} if n % 2 else {})
    if kind == "put":
        return envelope | {"task": {"id": task, "schedule": {"every": "PT1H"}, "payload": {"of": task}}}
    return envelope | {"task_id": task}


async def test_events_on_the_wrong_partition_are_forwarded_and_take_effect_once(harness: TickerHarness) -> None:
    async with harness.running_ticker():
        for kind in EVENTS:
            for n, task in enumerate(TASKS):
                await harness.send(event(kind, task, n), task, partition=crc32_partition(task))

        async def all_answered() -> list[AuditRecord] | None:
            found = await read_records(harness.bootstrap, harness.prefix, "verdicts")
            accepted = [row for row in found if row.value["verdict"] == "accepted"]
            return found if len(accepted) >= len(TASKS) * len(EVENTS) else None

        verdicts = await eventually(all_answered, "all events accepted")
    lanes = await read_records(harness.bootstrap, harness.prefix, "due-tasks", "due-background")
    assert len(TASKS) > 30
    for word, partition in (("forwarded", crc32_partition), ("accepted", home)):
        found = [row for row in verdicts if row.value["verdict"] == word]
        assert Counter((row.value["task_id"], row.value["event_type"]) for row in found) == Counter(
            (task, kind) for task in TASKS for kind in EVENTS
        )
        assert all(row.partition == partition(row.value["task_id"]) for row in found)
    assert {row.value["verdict"] for row in verdicts} == {"forwarded", "accepted"}
    ids = Counter(row.value["event_id"] for row in verdicts)
    assert set(ids.values()) == {2}  # forwarded and accepted speak of the same event
    assert Counter((row.value["task_id"], row.value["kind"]) for row in lanes) == {
        (task, "manual"): 1 for task in TASKS
    }
    assert all(row.partition == home(row.value["task_id"]) for row in lanes)


async def test_one_that_is_too_large_to_be_sent_on_does_not_stop_its_partition(harness: TickerHarness) -> None:
    task = TASKS[0]
    wrong = crc32_partition(task)
    neighbour = next(name for n in range(200) if home(name := f"neighbour-{n}") == wrong)
    packed: Any = AIOKafkaProducer(
        bootstrap_servers=harness.bootstrap, compression_type="gzip", max_request_size=8 << 20, max_batch_size=8 << 20
    )
    large = event("pause", task, 1) | {"note": "x" * (3 << 20)}
    await packed.start()
    await packed.send_and_wait(Topics(harness.prefix)["task-events"], msgspec.json.encode(large), partition=wrong)
    await packed.stop()
    async with harness.running_ticker():
        await harness.send(event("put", neighbour, 1), neighbour)

        async def both_answered() -> list[tuple[str, str]] | None:
            found = await read_records(harness.bootstrap, harness.prefix, "verdicts")
            words = [(row.value["event_id"], row.value["verdict"]) for row in found if row.partition == wrong]
            return words if len(words) >= 2 else None

        answered = await eventually(both_answered, "both events answered")
    assert answered == [(f"pause-{task}", "rejected"), (f"put-{neighbour}", "accepted")]
