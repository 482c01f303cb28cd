"""Judges what the ticker wrote, from its topics as they are: for tasks due every second, the fate of every second.

On purpose nothing of Tasker's own reading is used here: a plain consumer, `json` and `datetime`.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

LANES = ("due-tasks", "due-background")
JUDGED = (*LANES, "verdicts")
READ_SECONDS = 120
PROMISE_MS = 10_000


class Row(NamedTuple):
    """One record. `topic` is its name without the prefix, `appended` the broker's epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    appended: int
    value: dict[str, Any]


async def rows(
    kafka: str, prefix: str, *names: str, committed: bool = True, of: Container[str] | None = None
) -> list[Row]:
    """Every record of some topics (by default what is judged) up to their ends as they are now, by place.

    `of`: only what concerns these tasks.
    """
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        isolation_level="read_committed" if committed else "read_uncommitted",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    found = list[Row]()
    async with asyncio.timeout(READ_SECONDS):
        await consumer.start()
        try:
            topics = [f"{prefix}.{name}" for name in names or JUDGED]
            partitions = [TopicPartition(t, p) for t in topics for p in await _partitions(consumer, t)]
            ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
            consumer.assign(partitions)
            await consumer.seek_to_beginning()
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    read = (_row(raw, prefix) for raw in batch if raw.value is not None)
                    found += [row for row in read if of is None or row.value.get("task_id") in of]
        finally:
            await consumer.stop()
    return sorted(found, key=lambda row: row[:3])


async def _partitions(consumer: Any, topic: str) -> list[int]:
    metadata = await consumer._client.fetch_all_metadata()
    return sorted(metadata.partitions_for_topic(topic))


def _row(raw: Any, prefix: str) -> Row:
    return Row(
        raw.topic.removeprefix(f"{prefix}."), raw.partition, raw.offset, raw.timestamp, json.loads(raw.value.decode())
    )


@dataclass(slots=True)
class Fates:
    """What became of the seconds that were asked for. `wrong` is empty when each has exactly one fate and no other.

    `worst_ms`: from a nominal time to the broker's timestamp of its run.
    """

    runs: int = 0
    missed: int = 0
    worst_ms: int = 0
    wrong: list[str] = field(default_factory=list[str])


def lives(found: Iterable[Row]) -> dict[str, range]:
    """The seconds in which each task stood, by the verdicts: after its first put up to its delete, included."""
    began, ended = dict[str, int](), dict[str, int]()
    for row in found:
        told = row.value
        if told["type"] == "verdict" and told["verdict"] == "accepted":
            if told["event_type"] == "put":
                began[told["task_id"]] = min(second(told["effective_from"]), began.get(told["task_id"], 1 << 40))
            elif told["event_type"] == "delete":
                ended[told["task_id"]] = second(told["effective_from"])
    return {task: range(began[task] + 1, ended[task] + 1) for task in began.keys() & ended.keys()}


def judge(
    found: Iterable[Row], due: Mapping[str, range], *, whole: bool = True, within_ms: int | None = PROMISE_MS
) -> Fates:
    """The fates of tasks that are due in every second of a range, each run or missed once; nothing else of them may be.

    `whole`: the range is the task's whole life; otherwise there may be more before and after it. `within_ms`: how late
    a run may be, None where time does not count.
    """
    fates, told = Fates(), defaultdict[str, Counter[int]](Counter)
    run_ids = Counter[str]()
    for row in found:
        value = row.value
        task, kind = value.get("task_id", ""), value["type"]
        if task not in due:
            continue
        if row.topic in LANES and kind == "run" and value.get("kind", "scheduled") == "scheduled":
            nominal = second(value["nominal_at"])
            told[task][nominal] += 1
            run_ids[value["run_id"]] += 1
            if nominal in due[task]:
                late = row.appended - nominal * 1000
                fates.runs, fates.worst_ms = fates.runs + 1, max(fates.worst_ms, late)
                if within_ms is not None and late > within_ms:
                    fates.wrong.append(f"{task}: the run of {nominal} is {late} ms late")
        elif row.topic == "verdicts" and kind == "missed":
            gone = range(second(value["from"]), second(value["to"]) + 1)
            told[task].update(gone)
            fates.missed += len(gone)
    for task, seconds in due.items():
        fates.wrong += [f"{task}: no fate at {at}" for at in seconds if not told[task][at]]
        fates.wrong += [f"{task}: {n} fates at {at}" for at, n in told[task].items() if n > 1 and at in seconds]
        fates.wrong += [
            f"{task}: a fate at {at}, outside of its life" for at in told[task] if whole and at not in seconds
        ]
    fates.wrong += [f"run {run_id} is there {n} times" for run_id, n in run_ids.items() if n > 1]
    return fates


def second(text: str) -> int:
    """The epoch second of an instant."""
    return int(datetime.fromisoformat(text).timestamp())
