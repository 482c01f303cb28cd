"""Audits what the ticker wrote, from its topics as they are: whether each second of a task ran or was missed, once.

For tasks that are due every second. On purpose nothing of Tasker's own readers is used here: a plain consumer, `json`
and `datetime`.
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
AUDITED = (*LANES, "verdicts")
READ_SECONDS = 120
MAX_LATENESS_MS = 10_000


class AuditRecord(NamedTuple):
    """One record. `topic` is its name without the prefix, `appended` the broker's epoch milliseconds."""

    topic: str
    partition: int
    offset: int
    appended: int
    value: dict[str, Any]


async def read_records(
    kafka: str, prefix: str, *names: str, committed: bool = True, task_ids: Container[str] | None = None
) -> list[AuditRecord]:
    """Every record of some topics (by default those that are audited) up to their present ends, by position.

    `task_ids`: only the records of these tasks.
    """
    consumer: Any = AIOKafkaConsumer(  # in no group: it is assigned all partitions of its topics
        *(f"{prefix}.{name}" for name in names or AUDITED),
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed" if committed else "read_uncommitted",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    found = list[AuditRecord]()
    async with asyncio.timeout(READ_SECONDS):
        await consumer.start()
        try:
            ends: dict[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    read = (_record(raw, prefix) for raw in batch if raw.value is not None)
                    found += [r for r in read if task_ids is None or r.value.get("task_id") in task_ids]
        finally:
            await consumer.stop()
    return sorted(found, key=lambda record: record[:3])


def _record(raw: Any, prefix: str) -> AuditRecord:
    return AuditRecord(
        raw.topic.removeprefix(f"{prefix}."), raw.partition, raw.offset, raw.timestamp, json.loads(raw.value.decode())
    )


@dataclass(slots=True)
class AuditReport:
    """`violations` is empty when each second that was due has exactly one outcome, a run or a record as missed.

    `worst_ms`: from a nominal time to the broker's timestamp of its run.
    """

    runs: int = 0
    missed: int = 0
    worst_ms: int = 0
    violations: list[str] = field(default_factory=list[str])


def lifetimes(records: Iterable[AuditRecord]) -> dict[str, range]:
    """The seconds in which each task existed, by the verdicts: after its first put up to its delete, included."""
    began, ended = dict[str, int](), dict[str, int]()
    for record in records:
        value = record.value
        if value["type"] == "verdict" and value["verdict"] == "accepted":
            task, second = value["task_id"], epoch_second(value["effective_from"])
            if value["event_type"] == "put":
                began[task] = min(second, began.get(task, 1 << 40))
            elif value["event_type"] == "delete":
                ended[task] = second
    return {task: range(began[task] + 1, ended[task] + 1) for task in began.keys() & ended.keys()}


def audit(
    records: Iterable[AuditRecord],
    due: Mapping[str, range],
    *,
    whole: bool = True,
    within_ms: int | None = MAX_LATENESS_MS,
) -> AuditReport:
    """Audit tasks that are due in every second of a range; there may be nothing else of them.

    `whole`: the range is the task's whole lifetime; otherwise there may be more before and after it. `within_ms`: how
    late a run may be, None where time does not count.
    """
    report, outcomes = AuditReport(), defaultdict[str, Counter[int]](Counter)
    run_ids = Counter[str]()
    for record in records:
        value = record.value
        task, kind = value.get("task_id", ""), value["type"]
        if task not in due:
            continue
        if record.topic in LANES and kind == "run" and value.get("kind", "scheduled") == "scheduled":
            nominal = epoch_second(value["nominal_at"])
            outcomes[task][nominal] += 1
            run_ids[value["run_id"]] += 1
            if nominal in due[task]:
                late = record.appended - nominal * 1000
                report.runs, report.worst_ms = report.runs + 1, max(report.worst_ms, late)
                if within_ms is not None and late > within_ms:
                    report.violations.append(f"{task}: the run of {nominal} is {late} ms late")
        elif record.topic == "verdicts" and kind == "missed":
            missed = range(epoch_second(value["from"]), epoch_second(value["to"]) + 1)
            outcomes[task].update(missed)
            report.missed += len(missed)
    for task, seconds in due.items():
        found = outcomes[task]
        report.violations += [f"{task}: no outcome at {at}" for at in seconds if not found[at]]
        report.violations += [f"{task}: {n} outcomes at {at}" for at, n in found.items() if n > 1 and at in seconds]
        outside = [at for at in found if whole and at not in seconds]
        report.violations += [f"{task}: an outcome at {at}, outside of its life" for at in outside]
    report.violations += [f"run {run_id} is there {n} times" for run_id, n in run_ids.items() if n > 1]
    return report


def epoch_second(text: str) -> int:
    """The epoch second of an instant."""
    return int(datetime.fromisoformat(text).timestamp())
