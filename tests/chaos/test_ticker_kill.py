"""kill -9 of the ticker while tasks are due every second: nothing missing, nothing twice, the next owner in time."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import msgspec
import pytest

from tasker_core.instant import parse_second
from tasker_core.messages import Run, decode_due, decode_verdict
from tasker_core.topics import PARTITIONS, Topics, partition_of
from tasker_runtime.kafka import Reader, Record, Sender, TopicPartition

TASKS = [f"steady-{n:02d}" for n in range(48)]
PROMISE_SECONDS = 10


@asynccontextmanager
async def ticker(kafka: str, prefix: str) -> AsyncGenerator[Process]:
    """A ticker process, killed at the end if it still lives."""
    env = os.environ | {"KAFKA_BOOTSTRAP_SERVERS": kafka, "TASKER_TOPIC_PREFIX": prefix, "TASKER_METRICS_PORT": "0"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tasker_ticker.main", env=env, stdout=DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class Watch:
    """Reads topics raw, from their beginning, as committed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.records: list[Record] = []

    async def until(self, count: int, seconds: float = 40) -> None:
        """Read until there are `count` records."""
        async with asyncio.timeout(seconds):
            while len(self.records) < count:
                self.records += await self._reader.poll(200)

    async def to_the_end(self, *partitions: TopicPartition) -> None:
        """Read all that is committed by now."""
        for partition in partitions:
            _, end = await self._reader.bounds(partition)
            async with asyncio.timeout(20):
                while await self._reader.position(partition) < end:
                    self.records += await self._reader.poll(100)


def partitions_of(*topics: str) -> list[TopicPartition]:
    return [TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)]


@asynccontextmanager
async def watching(kafka: str, *topics: str) -> AsyncGenerator[Watch]:
    reader = Reader(kafka)
    await reader.start()
    reader.assign(*partitions_of(*topics))
    try:
        yield Watch(reader)
    finally:
        await reader.stop()


def holes_and_doubles(runs: list[Run]) -> list[str]:
    """What is wrong with runs that are due every second; empty when nothing is."""
    wrong = [f"{run_id} {n} times" for run_id, n in Counter(run.run_id for run in runs).items() if n > 1]
    for task in {run.task_id for run in runs}:
        seconds = sorted(parse_second(run.nominal_at) for run in runs if run.task_id == task)
        wrong += [f"{task}: {a} then {b}" for a, b in pairwise(seconds) if b != a + 1]
    return wrong


def test_the_checker_finds_a_hole_and_a_double() -> None:
    def run(second: int) -> Run:
        at = f"2026-01-01T00:00:0{second}.000Z"
        return Run(
            run_id=at,
            task_id="t",
            task_name="t",
            generation=1,
            version=1,
            nominal_at=at,
            effective_at=at,
            emitted_at=at,
        )

    assert holes_and_doubles([run(1), run(2), run(3)]) == []
    assert len(holes_and_doubles([run(1), run(3)])) == 1
    assert len(holes_and_doubles([run(1), run(1), run(2)])) == 2


@pytest.mark.parametrize("graceful", [False, True], ids=["kill -9", "SIGTERM"])
async def test_nothing_is_missing_or_doubled_when_the_owner_goes(kafka: str, topics: str, graceful: bool) -> None:
    names = Topics(topics)
    sender = Sender(kafka)

    async def send(**event: object) -> None:
        task_id = str(event["task_id"])
        body = {k: v for k, v in event.items() if k != "task_id" or event["type"] != "put"}
        home = partition_of(task_id, PARTITIONS)
        await sender.send(names["task-events"], msgspec.json.encode(body), key=task_id.encode(), partition=home)

    async with (
        ticker(kafka, topics) as first,
        watching(kafka, names["due-tasks"], names["due-background"]) as due,
        watching(kafka, names["verdicts"]) as verdicts,
    ):
        for task in TASKS:
            await send(type="put", task_id=task, task={"id": task, "schedule": {"cron": "* * * * * *"}})
        await due.until(len(TASKS) * 3)
        async with ticker(kafka, topics):
            await due.until(len(due.records) + len(TASKS) * 6)
            first.terminate() if graceful else first.kill()
            await first.wait()
            await due.until(len(due.records) + len(TASKS) * 16)
            for task in TASKS:
                await send(type="delete", task_id=task)
            await verdicts.until(len(TASKS) * 2)
            await sender.stop()
            # the verdict of a delete comes in the same transaction as all that was due before it
            await due.to_the_end(*partitions_of(names["due-tasks"], names["due-background"]))
            last = max(parse_second(decode_verdict(r.value).effective_from) for r in verdicts.records)
    runs = [run for record in due.records if isinstance(run := decode_due(record.value or b""), Run)]
    assert {run.task_id for run in runs} == set(TASKS)
    assert holes_and_doubles(runs) == []
    assert max(parse_second(run.nominal_at) for run in runs) <= last
    late = max(
        record.timestamp / 1000 - parse_second(run.nominal_at) for record, run in zip(due.records, runs, strict=True)
    )
    assert late <= PROMISE_SECONDS
