"""Tasks that are due every second, tickers as processes side by side, and the judgement of all that they wrote."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.fates import Fates, Row, judge, lives, rows
from tasker_devstack.process import Child
from tasker_devstack.services import child
from tasker_devstack.waiting import eventually
from tasker_runtime.kafka.record_producer import RecordProducer


class Steady:
    """Tasks due every second on fresh topics."""

    def __init__(self, kafka: str, prefix: str, tasks: Sequence[str]) -> None:
        self.kafka, self.prefix, self.tasks = kafka, prefix, tasks

    async def rows(self, *names: str, committed: bool = True) -> list[Row]:
        """What is written in some topics."""
        return await rows(self.kafka, self.prefix, *names, committed=committed)

    @asynccontextmanager
    async def ticker(self) -> AsyncGenerator[Child]:
        """A ticker process, killed at the end if it still lives."""
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "TASKER_TOPIC_PREFIX": self.prefix,
            "TASKER_METRICS_PORT": "0",
            "TASKER_LOG_FORMAT": "json",
        }
        process = child("ticker", env)
        await process.start()
        try:
            yield process
        finally:
            print(f"--- ticker {process.pid}\n{process.told()}")  # noqa: T201 -- shown when a test fails
            process.send(signal.SIGCONT)
            await process.kill()

    async def put(self) -> None:
        """Create the tasks."""
        schedule = {"cron": "* * * * * *"}
        await self._send([{"type": "put", "task": {"id": task, "schedule": schedule}} for task in self.tasks])

    async def delete(self) -> None:
        """Delete the tasks; returns when that is decided."""
        await self._send([{"type": "delete", "task_id": task} for task in self.tasks])

        async def decided() -> bool:
            return len(lives(await self.rows("verdicts"))) == len(self.tasks)

        await eventually(decided, "the verdicts of the deletes", 30)

    async def fates(self) -> Fates:
        """What became of every second of every task."""
        found = await self.rows()
        due = lives(found)
        assert set(due) == set(self.tasks)
        return judge(found, due)

    async def run_for(self, seconds: int) -> None:
        """Wait until every task has run in so many more seconds."""
        wanted = len(await self.rows("due-tasks", "due-background")) + seconds * len(self.tasks)

        async def enough() -> bool:
            return len(await self.rows("due-tasks", "due-background")) >= wanted

        await eventually(enough, f"{seconds} more seconds", 30 + seconds)

    async def owners(self) -> dict[int, str]:
        """Who wrote the last watermark of each partition."""
        return {mark.partition: mark.value["owner"] for mark in await self.rows("watermarks")}

    async def owned_by(self, *tickers: Child) -> dict[int, str]:
        """Wait until all partitions are owned by these, each with its share; returns by whom."""
        share = {owner(one): PARTITIONS // len(tickers) for one in tickers}

        async def look() -> dict[int, str] | None:
            found = await self.owners()
            return found if Counter(found.values()) == share else None

        return await eventually(look, f"the partitions shared by {list(share)}", 40)

    async def _send(self, events: list[dict[str, Any]]) -> None:
        sender, topic = RecordProducer(self.kafka), Topics(self.prefix)["task-events"]

        def one(event: dict[str, Any]) -> Awaitable[object]:
            task = event["task"]["id"] if "task" in event else event["task_id"]
            home = partition_of(task, PARTITIONS)
            return sender.send(topic, msgspec.json.encode(event), key=task.encode(), partition=home, seconds=30)

        await asyncio.gather(*map(one, events))
        await sender.stop()


def owner(ticker: Child) -> str:
    """The name under which a ticker process writes watermarks."""
    return f"{socket.gethostname()}-{ticker.pid}"
