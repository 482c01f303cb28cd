"""From a report on the system to its HTTP shape."""

from tasker_api.schemas.system import (
    CanaryInfo,
    CatchUpInfo,
    DeadLettersInfo,
    FindingInfo,
    GroupInfo,
    InstanceInfo,
    LagInfo,
    MissingPart,
    PartitionInfo,
    SystemInfo,
)
from tasker_api.system.canary_tasks import canary_ids
from tasker_api.system.facts import PartitionMark, SystemFacts
from tasker_api.system.findings import watermark_age
from tasker_api.system.system_monitor import SystemReport
from tasker_runtime.kafka.client_id import ServiceInstance


def system_info(report: SystemReport, instance: ServiceInstance) -> SystemInfo:
    """What `/system` answers; `instance` is the process that does."""
    facts = report.facts
    marks = facts.marks()
    groups = () if facts.kafka is None else facts.kafka.groups
    held = [mark.held for mark in marks.values() if mark.held is not None]
    missing: list[MissingPart] = []
    if facts.kafka is None:
        missing.append(MissingPart(part="kafka", reason=facts.kafka_reason))
    if facts.database is None:
        missing.append(MissingPart(part="mongodb", reason=facts.database_reason))
    dead_letters = None if facts.kafka is None else DeadLettersInfo(**facts.kafka.dead_letters._asdict())
    return SystemInfo(
        state=report.state,
        checked_at=facts.now,
        findings=[FindingInfo(**one._asdict()) for one in report.findings],
        missing=missing,
        held_tasks=sum(held) if held else None,
        partitions=[_partition(facts, number, marks.get(number)) for number in range(facts.partitions)],
        groups=[
            GroupInfo(
                group=one.name,
                service=one.service,
                state=one.state,
                members=len(one.members),
                lag=[
                    LagInfo(topic=lag.topic, records=lag.records, oldest_seconds=round(lag.seconds, 1))
                    for lag in one.topics
                ],
            )
            for one in groups
        ],
        instances=_instances(facts, instance),
        dead_letters=dead_letters,
    )


def _partition(facts: SystemFacts, number: int, mark: PartitionMark | None) -> PartitionInfo:
    logged = None if facts.database is None else facts.database.marks.get(number)
    canary = None if facts.database is None else facts.database.canaries.get(number)
    info = PartitionInfo(partition=number, logged_watermark=None if logged is None else logged.time)
    if canary is not None:
        task_id = canary_ids(facts.partitions)[number]
        info.canary = CanaryInfo(task_id=task_id, due_at=canary.due_at, late_seconds=round(canary.late_seconds, 3))
    if mark is not None:
        info.owner, info.version, info.watermark = mark.owner, mark.version or "unknown", mark.time
        info.watermark_age_seconds = round(watermark_age(facts, mark), 1)
        info.held_tasks, info.clock_offset_ms, info.burst_second = mark.held, mark.clock_offset_ms, mark.burst
        info.catch_up = [CatchUpInfo(start=one.start, end=one.end, after_task=one.after_task) for one in mark.catch_up]
        info.waiting_events = None if facts.kafka is None else facts.kafka.waiting_events.get(number)
    return info


def _instances(facts: SystemFacts, own: ServiceInstance) -> list[InstanceInfo]:
    offset = None if facts.kafka is None else facts.kafka.clock_offset_ms
    found = [InstanceInfo(service=own.service, instance=own.name, version=own.version, clock_offset_ms=offset)]
    by_owner = {mark.owner: mark.clock_offset_ms for mark in facts.marks().values()}
    for group in () if facts.kafka is None else facts.kafka.groups:
        found += [
            InstanceInfo(
                service=group.service or group.name,
                instance=one.instance,
                version=one.version or "unknown",
                host=one.host,
                partitions=one.partitions,
                clock_offset_ms=by_owner.get(one.instance) if group.service == "ticker" else None,
            )
            for one in group.members
        ]
    return found
