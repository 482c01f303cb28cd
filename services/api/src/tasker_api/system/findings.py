"""PURE. The rules: what in the state of the system is not as it should be, why, and what to do about it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from tasker_api.system.canary_tasks import canary_ids
from tasker_api.system.facts import Group, PartitionMark, SystemFacts
from tasker_api.system.finding import OPERATIONS, Finding, Severity, clock, duration
from tasker_api.system.loss_findings import lost_records, unread_keys

OLD_SECONDS: Final = 6.0
"""An idle partition writes a watermark every 3 s."""
STANDS_SECONDS: Final = 10.0
"""What users are promised."""
WAITING_SECONDS: Final = 10.0
WAITING_LONG_SECONDS: Final = 60.0
CLOCK_MS: Final = 500
CLOCK_RED_MS: Final = 2_000
CANARY_GRACE_SECONDS: Final = 30.0
"""So much later than due a canary is overdue: the promise, what a slow batch takes, and a look in between."""
PROMISE_SECONDS: Final = 10.0
MANY: Final = 3
"""More findings of one kind are one."""


def find(facts: SystemFacts) -> list[Finding]:
    """All that is wrong, the worst first."""
    found = [*_backends(facts), *_groups(facts), *_partitions(facts), *_clocks(facts), *_canaries(facts)]
    found += [*lost_records(facts), *unread_keys(facts), *_versions(facts), *_dead_letters(facts)]
    return sorted(found, key=lambda one: one.severity != "red")


def _backends(facts: SystemFacts) -> Iterator[Finding]:
    if facts.kafka is None:
        yield Finding(
            "red",
            "kafka",
            f"Kafka does not answer ({facts.kafka_reason}). No task fires until it does; what becomes due meanwhile is "
            "made good or recorded as missed afterwards.",
            f"Look at the brokers, and whether KAFKA_BOOTSTRAP_SERVERS names them. {OPERATIONS}#taskercheckfailing",
        )
    if facts.database is None:
        yield Finding(
            "red",
            "mongodb",
            f"MongoDB does not answer ({facts.database_reason}). Tasks go on running; lists and the log can't be read, "
            "and what happens is logged once it is back.",
            f"Look at its primary, and whether MONGODB_URL is right. {OPERATIONS}#taskercheckfailing",
        )


_FOR: Final = {
    "ticker": (
        "no task fires",
        f"Start a ticker, or look at the log of those that do not join. {OPERATIONS}#taskercomponentmissing",
    ),
    "executor": (
        "what is due is not carried out",
        f"Start an executor, or look at the log of those that do not join. {OPERATIONS}#taskerexecutorbacklog",
    ),
    "log-sink": (
        "what happens is not logged, and changes of tasks are answered with 202",
        f"Start a log sink, or look at the log of those that do not join. {OPERATIONS}#taskerlogsinknotlogging",
    ),
}


def _groups(facts: SystemFacts) -> Iterator[Finding]:
    for group in () if facts.kafka is None else facts.kafka.groups:
        if group.service is not None and not group.members:
            consequence, action = _FOR[group.service]
            name = group.service.replace("-", " ")
            yield Finding("red", group.service, f"No {name} is running: {consequence}.{_waiting(group)}", action)
        else:
            yield from _lags(group)


def _lags(group: Group) -> Iterator[Finding]:
    component = group.service or "executor"
    for lag in group.topics:
        if lag.seconds < WAITING_SECONDS or (lag.topic == "due-background" and group.members):
            continue  # late runs, retries and backfills give way to what is due
        severity: Severity = "red" if lag.seconds >= WAITING_LONG_SECONDS else "yellow"
        who = f"The group {group.name}" if group.service is None else f"The {component.replace('-', ' ')}"
        action = (
            f"Start more of them, or look at what the log of those that run says. {OPERATIONS}#taskerlogsinkbacklog"
            if component == "log-sink"
            else "Start more of them, or see which tasks hold them up: runs that are running for long. "
            f"{OPERATIONS}#taskerexecutorbacklog"
        )
        yield Finding(
            severity,
            component,
            f"{who} is behind: of {lag.topic}, up to {lag.records:,} records wait, the oldest for "
            f"{duration(lag.seconds)}.",
            action,
        )


def _waiting(group: Group) -> str:
    records = sum(lag.records for lag in group.topics)
    return f" Up to {records:,} records wait for it." if records else ""


def _partitions(facts: SystemFacts) -> Iterator[Finding]:
    if facts.kafka is None:
        return  # nothing moves, and that is said
    if not any(group.service == "ticker" and not group.members for group in facts.kafka.groups):
        yield from _together(
            [one for partition in range(facts.partitions) for one in _watermark(facts, partition)],
            "{partitions} stand still or are behind; {first}",
        )
    for partition, mark in sorted(facts.kafka.marks.items()):
        yield from _catching_up(partition, mark)


def _together(found: Sequence[Finding], text: str) -> Iterator[Finding]:
    """Findings of the same kind, one for all of them where there are many; `first` begins with the worst of them."""
    if len(found) <= MANY:
        yield from found
        return
    worst = min(found, key=lambda one: one.severity != "red")
    listed = ", ".join(str(one.partition) for one in found[:MANY])
    partitions = f"{len(found)} partitions ({listed} and others)"
    yield Finding(worst.severity, worst.component, text.format(partitions=partitions, first=worst.text), worst.action)


def _watermark(facts: SystemFacts, partition: int) -> Iterator[Finding]:
    mark = facts.marks().get(partition)
    if mark is None:
        yield Finding(
            "red",
            "ticker",
            f"Partition {partition} has never been owned by a ticker: its tasks do not fire.",
            f"Look at the ticker's log. {OPERATIONS}#taskerpartitionwithoutwatermark",
            partition,
        )
        return
    age = watermark_age(facts, mark)
    if age < OLD_SECONDS:
        return
    held = "its tasks" if mark.held is None else f"its tasks ({mark.held:,})"
    yield Finding(
        "red" if age >= STANDS_SECONDS else "yellow",
        "ticker",
        f"Partition {partition} stands at {clock(mark.time)}, {duration(age)} ago: {held} fire late. "
        f"Its last owner was {mark.owner}.",
        f"See in the log of the tickers why none moves it on (`owner discarded`). {OPERATIONS}#taskerwatermarkold",
        partition,
    )


def _catching_up(partition: int, mark: PartitionMark) -> Iterator[Finding]:
    for gap in mark.catch_up:
        where = f"has come to the task {gap.after_task}" if gap.after_task else "begins with its first task"
        between = f"{clock(gap.start)} and {clock(gap.end)}"
        yield Finding(
            "yellow",
            "ticker",
            f"Partition {partition} makes good what was due between {between}, and {where}.",
            "Nothing: it does so beside what is due now. TASKER_TICKER_BACKGROUND_RATE says how fast.",
            partition,
        )


def _clocks(facts: SystemFacts) -> Iterator[Finding]:
    if facts.kafka is None:
        return
    by_owner: dict[str, int] = {}
    for mark in facts.kafka.marks.values():
        if mark.clock_offset_ms is not None and abs(mark.clock_offset_ms) > abs(by_owner.get(mark.owner, 0)):
            by_owner[mark.owner] = mark.clock_offset_ms
    for owner, offset in sorted(by_owner.items()):
        if abs(offset) >= CLOCK_MS:
            consequence = "it emits nothing from 2 s on" if offset > 0 else "what it emits is late by as much"
            anchor = "taskerclockahead" if offset > 0 else "taskerclockbehind"
            yield Finding(
                "red" if abs(offset) >= CLOCK_RED_MS else "yellow",
                "ticker",
                f"The clock of the ticker {owner} is {_offset(offset)} the broker's: {consequence}.",
                f"Let its machine and those of the brokers follow one source of time (NTP). {OPERATIONS}#{anchor}",
            )
    if (own := facts.kafka.clock_offset_ms) is not None and abs(own) >= CLOCK_RED_MS:
        yield Finding(
            "yellow",
            "api",
            f"The clock of this API is {_offset(own)} the broker's: what it says of ages is wrong by as much.",
            f"Let its machine and those of the brokers follow one source of time (NTP). {OPERATIONS}#a-clock-is-wrong",
        )


def _offset(ms: int) -> str:
    return f"{abs(ms) / 1000:.1f} s {'ahead of' if ms > 0 else 'behind'}"


def overdue_canaries(facts: SystemFacts) -> frozenset[int]:
    """The partitions whose canary does not come through."""
    if facts.canary_seconds is None or facts.database is None:
        return frozenset()
    since, canaries = facts.database.canaries_since or facts.started, facts.database.canaries
    allowed = facts.now - timedelta(seconds=facts.canary_seconds + CANARY_GRACE_SECONDS)
    return frozenset(
        partition
        for partition in range(facts.partitions)
        if max(since, canaries[partition].due_at if partition in canaries else since) < allowed
    )


def _canaries(facts: SystemFacts) -> Iterator[Finding]:
    if facts.canary_seconds is None or facts.database is None:
        return
    overdue, canaries = overdue_canaries(facts), facts.database.canaries
    missing: list[Finding] = []
    for partition in sorted(overdue):
        seen = "has never come through"
        if (canary := canaries.get(partition)) is not None:
            seen = f"came through last {duration((facts.now - canary.due_at).total_seconds())} ago"
        text = f"The canary of partition {partition} {seen}."
        action = f"See what else is red: one of the steps of its runs stands still. {OPERATIONS}#taskercanarymissing"
        missing.append(Finding("red", "canary", text, action, partition))
    yield from _together(missing, "The canaries of {partitions} do not come through. {first}")
    for partition, canary in sorted(canaries.items()):
        if partition in overdue:
            continue
        if not canary.succeeded:
            text = f"The last canary of partition {partition} has failed."
            action = f"See why: GET /api/v1/runs?task_id={canary_ids(facts.partitions)[partition]}."
            yield Finding("red", "canary", text, action, partition)
        elif canary.late_seconds > PROMISE_SECONDS:
            late = duration(canary.late_seconds)
            text = f"The last canary of partition {partition} was logged {late} after it was due."
            action = f"See what else is yellow. {OPERATIONS}#taskerpromiseatrisk"
            yield Finding("yellow", "canary", text, action, partition)


def _versions(facts: SystemFacts) -> Iterator[Finding]:
    groups = () if facts.kafka is None else facts.kafka.groups
    known = {m.version for group in groups if group.service for m in group.members if m.version is not None}
    if len(versions := sorted(known | {facts.version})) > 1:
        yield Finding(
            "yellow",
            "versions",
            f"Services of the versions {', '.join(versions)} run side by side.",
            f"Finish the upgrade. {OPERATIONS}#taskerversionsmixed",
        )


def _dead_letters(facts: SystemFacts) -> Iterator[Finding]:
    if facts.kafka is not None and (recent := facts.kafka.dead_letters.last_hour):
        came = f"{recent:,} dead letters came in the last hour" if recent > 1 else "A dead letter came in the last hour"
        yield Finding(
            "yellow",
            "dead-letters",
            f"{came}: records that no service could use, or runs that failed for good.",
            f"GET /api/v1/dead-letters says which and why; they can be sent back. {OPERATIONS}#taskerrunsfailedforgood",
        )


def watermark_age(facts: SystemFacts, mark: PartitionMark) -> float:
    """How long ago, in seconds of the broker's clock, the time was that a partition has reached."""
    offset_ms = 0 if facts.kafka is None else facts.kafka.clock_offset_ms or 0
    return max(0.0, (facts.now - mark.time).total_seconds() - offset_ms / 1000)
