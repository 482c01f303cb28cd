"""The tasks of a soak: most are due every second for ever, some are made, run once and are deleted, all along."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from tasker_core.time.instant import rfc3339_second
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.isolated_system import System
from tasker_runtime.clock import SystemClock

PREFIX: Final = "soak-"
SHARES: Final = {"curl": 0.05, "retried": 0.02, "counted": 0.10, "once": 0.02}
"""Of all runs; the rest are runs of `default`. `counted` have `max_runs`: each fire is kept in the ticker's memory."""
AHEAD_SECONDS: Final = 15
DELETED_AFTER_SECONDS: Final = 30
EVERY_SECOND: Final = {"cron": "* * * * * *"}
SEND_SECONDS: Final = 120


class TaskCounts(NamedTuple):
    """How many tasks there are of each kind; `once`: so many are made each second."""

    default: int
    curl: int
    retried: int
    counted: int
    once: int

    @classmethod
    def of_rate(cls, rate: int) -> "TaskCounts":
        """Those that together run `rate` times a second, one of each kind at least."""
        shares = {kind: max(1, round(rate * share)) for kind, share in SHARES.items()}
        return cls(default=max(1, rate - sum(shares.values())), **shares)


def standing_tasks(counts: TaskCounts, url: str) -> Iterator[dict[str, Any]]:
    """The tasks that are due every second. Some answers under `<url>unsteady` are failures."""
    retry = {"max_attempts": 5, "initial": "PT2S", "factor": 1.5}
    kinds: dict[str, tuple[int, dict[str, Any]]] = {
        "default": (counts.default, {}),
        "curl": (counts.curl, {"handler": "curl", "payload": url}),
        "retried": (counts.retried, {"handler": "curl", "payload": f"{url}unsteady", "retry": retry}),
    }
    for kind, (count, more) in kinds.items():
        for number in range(count):
            yield {"id": f"{PREFIX}{kind}-{number:05d}", "schedule": EVERY_SECOND, **more}
    for number in range(counts.counted):
        yield {"id": f"{PREFIX}counted-{number:05d}", "schedule": EVERY_SECOND | {"max_runs": 1_000_000_000}}


class TaskProducer:
    """Sends the events of the tasks, as any Kafka client does. `made` counts the one-time tasks."""

    def __init__(self, system: System, counts: TaskCounts) -> None:
        self._topic, self._counts, self.made = Topics(system.topic_prefix)["task-events"], counts, 0
        self._deleted = 0
        self._clock = SystemClock()
        self._producer: Any = AIOKafkaProducer(
            bootstrap_servers=system.kafka, acks="all", enable_idempotence=True, linger_ms=20
        )

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is left, and disconnect."""
        async with asyncio.timeout(SEND_SECONDS):
            await self._producer.stop()

    async def make_standing(self, url: str) -> None:
        """Make the tasks that are due every second."""
        await self._send([{"type": "put", "task": task} for task in standing_tasks(self._counts, url)])

    async def end_standing(self) -> None:
        """Delete them."""
        ids = [task["id"] for task in standing_tasks(self._counts, "http://127.0.0.1/")]
        await self._send([{"type": "delete", "task_id": one} for one in ids])

    async def make_one_time_tasks(self) -> None:
        """Until cancelled: each second some that are due soon, and away with those that ran a while ago."""
        second = self._clock.now_ms() // 1000
        due: list[tuple[int, int]] = []
        while True:
            at = second + AHEAD_SECONDS
            numbers = range(self.made, self.made + self._counts.once)
            schedule = {"at": rfc3339_second(at)}
            events = [{"type": "put", "task": {"id": _once(n), "schedule": schedule}} for n in numbers]
            due.append((at, numbers.stop))
            self.made = numbers.stop
            while due and due[0][0] < second - DELETED_AFTER_SECONDS:
                _, stop = due.pop(0)
                events += [{"type": "delete", "task_id": _once(n)} for n in range(self._deleted, stop)]
                self._deleted = stop
            await self._send(events)
            second += 1
            await asyncio.sleep(max(0.0, second - self._clock.now_ms() / 1000))

    async def _send(self, events: list[dict[str, Any]]) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            waiting: list[Any] = []
            for event in events:
                task = event["task"]["id"] if "task" in event else event["task_id"]
                home, value = partition_of(task, PARTITIONS), msgspec.json.encode(event)
                waiting.append(await self._producer.send(self._topic, value, key=task.encode(), partition=home))
            await asyncio.gather(*waiting)


def _once(number: int) -> str:
    return f"{PREFIX}once-{number:08d}"
