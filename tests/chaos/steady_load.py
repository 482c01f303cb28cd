"""Tasks that are due every second, ticker processes side by side, and the audit of all that they wrote."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_devstack.occurrence_audit import AuditRecord, AuditReport, audit, lifetimes, read_records
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.service_process import service_process
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.record_producer import RecordProducer


class SteadyLoad:
    """Tasks due every second on fresh topics."""

    def __init__(self, kafka: str, prefix: str, tasks: Sequence[str]) -> None:
        self.kafka, self.prefix, self.tasks = kafka, prefix, tasks

    async def records(self, *names: str, committed: bool = True) -> list[AuditRecord]:
        """The records of some topics."""
        return await read_records(self.kafka, self.prefix, *names, committed=committed)

    @asynccontextmanager
    async def ticker(self, instance_id: str = "") -> AsyncGenerator[ChildProcess]:
        """A ticker process, killed at the end if it still lives."""
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "TASKER_TOPIC_PREFIX": self.prefix,
            "TASKER_METRICS_PORT": "0",
            "TASKER_INSTANCE_ID": instance_id,
            "TASKER_LOG_FORMAT": "json",
        }
        process = service_process("ticker", env)
        await process.start()
        try:
            yield process
        finally:
            print(f"--- ticker {process.pid}\n{process.last_output()}")  # noqa: T201 -- shown when a test fails
            process.send(signal.SIGCONT)
            await process.kill()

    async def put(self) -> None:
        """Create the tasks."""
        schedule = {"cron": "* * * * * *"}
        await self._send([{"type": "put", "task": {"id": task, "schedule": schedule}} for task in self.tasks])

    async def delete(self) -> None:
        """Delete the tasks; returns when the verdicts are there."""
        await self._send([{"type": "delete", "task_id": task} for task in self.tasks])

        async def decided() -> bool:
            return len(lifetimes(await self.records("verdicts"))) == len(self.tasks)

        await eventually(decided, "the verdicts of the deletes", 30)

    async def audit(self) -> AuditReport:
        """Audit every second of every task."""
        found = await self.records()
        due = lifetimes(found)
        assert set(due) == set(self.tasks)
        return audit(found, due)

    async def run_for(self, seconds: int) -> None:
        """Wait until every task has run in so many more seconds."""
        wanted = len(await self.records("due-tasks", "due-background")) + seconds * len(self.tasks)

        async def enough() -> bool:
            return len(await self.records("due-tasks", "due-background")) >= wanted

        await eventually(enough, f"{seconds} more seconds", 30 + seconds)

    async def owners(self) -> dict[int, str]:
        """Who wrote the last watermark of each partition."""
        return {mark.partition: mark.value["owner"] for mark in await self.records("watermarks")}

    async def owned_by(self, *tickers: ChildProcess) -> dict[int, str]:
        """Wait until all partitions are owned by these, each with its share; returns by whom."""
        share = {owner(one): PARTITIONS // len(tickers) for one in tickers}

        async def look() -> dict[int, str] | None:
            found = await self.owners()
            return found if Counter(found.values()) == share else None

        return await eventually(look, f"the partitions shared by {list(share)}", 40)

    async def _send(self, events: list[dict[str, Any]]) -> None:
        sender, topic = RecordProducer(KafkaConnection(self.kafka)), Topics(self.prefix)["task-events"]

        def one(event: dict[str, Any]) -> Awaitable[object]:
            task = event["task"]["id"] if "task" in event else event["task_id"]
            home = partition_of(task, PARTITIONS)
            return sender.send(topic, msgspec.json.encode(event), key=task.encode(), partition=home, seconds=30)

        await asyncio.gather(*map(one, events))
        await sender.stop()


def owner(ticker: ChildProcess) -> str:
    """The name under which a ticker process writes watermarks."""
    return f"{socket.gethostname()}-{ticker.pid}"
