"""The rules of what is red and why, and the words in which it is said."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tasker_api.system.canary_tasks import canary_ids, canary_task
from tasker_api.system.facts import (
    Canary,
    DatabaseFacts,
    DeadLetterCount,
    Group,
    KafkaFacts,
    LostRange,
    Member,
    PartitionMark,
    SystemFacts,
    TopicLag,
    WatermarkGap,
)
from tasker_api.system.finding import Finding, duration, state_of
from tasker_api.system.findings import find
from tasker_api.testing.document_writer import NOON
from tasker_core.task import Task
from tasker_core.topics import partition_of

ONE = (Member("host-1", "1.0.0", "10.0.0.1", 2),)


def ago(seconds: float) -> datetime:
    return NOON - timedelta(seconds=seconds)


def groups(**changes: Any) -> list[Group]:
    found = [Group(f"tasker-{service}", service, "Stable", ONE) for service in ("ticker", "executor", "log-sink")]
    return [one._replace(**changes.get((one.service or "").replace("-", "_"), {})) for one in found]


def marks(**changes: Any) -> dict[int, PartitionMark]:
    mark = PartitionMark(ago(1), "host-1", held=40, version="1.0.0", clock_offset_ms=0)
    return {0: mark._replace(**changes), 1: mark}


def facts(kafka: dict[str, Any] | None = None, **changes: Any) -> SystemFacts:
    sound = KafkaFacts(marks(), groups(), {0: 0, 1: 0}, DeadLetterCount(3, 0))
    database = DatabaseFacts(marks())
    whole = SystemFacts(ago(999), NOON, 2, "1.0.0", replace(sound, **(kafka or {})), database)
    return replace(whole, **changes)


def canaries(*found: Canary | None, since: float = 999) -> DatabaseFacts:
    known = {number: one for number, one in enumerate(found) if one is not None}
    return DatabaseFacts(marks(), canaries=known, canaries_since=ago(since))


def lagging(topic: str, seconds: float, **changes: Any) -> Sequence[Group]:
    service = "log_sink" if topic == "results" else "executor"
    return groups(**{service: {"topics": (TopicLag(topic, 12_345, seconds),), **changes}})


SOUND_CANARY = Canary(ago(50), 0.3, succeeded=True)
GAP = WatermarkGap(ago(7_200), ago(3_600), "m")
EXAMPLES: list[tuple[SystemFacts, str]] = [
    (facts(), ""),
    (
        facts(kafka={"lost": [LostRange("ticker", "tasker.task-events", 3, 1, ago(60))]}),
        "red ticker 3 Kafka has lost up to 1 record of tasker.task-events (partition 3) before the ticker read them, "
        "first seen at 2026-01-01 11:59:00 UTC: these changes had no effect and no answer.",
    ),
    (
        facts(kafka={"lost": [LostRange("log-sink", "t.results", n, 1_000 * n, ago(60 - n)) for n in range(1, 5)]}),
        "red log-sink Kafka has lost up to 10,000 records of t.results (partitions 1, 2, 3 and others) before the "
        "log sink read them, first seen at 2026-01-01 11:59:01 UTC: the log lacks what they said.",
    ),
    (
        facts(keys_trouble="the API keys in /k can't be read: no such file"),
        "red api This API can't take over changes of its keys: the API keys in /k can't be read: no such file. The "
        "keys before stay in force, also those that were revoked since.",
    ),
    (facts(kafka={"groups": groups(ticker={"members": ()})}), "red ticker No ticker is running: no task fires."),
    (
        facts(kafka={"groups": lagging("due-tasks", 0, members=())}),
        "red executor No executor is running: what is due is not carried out. Up to 12,345 records wait for it.",
    ),
    (
        facts(kafka={"groups": groups(log_sink={"members": ()})}),
        "red log-sink No log sink is running: what happens is not logged, and changes of tasks are answered with 202.",
    ),
    (
        facts(kafka={"groups": lagging("due-tasks", 15)}),
        "yellow executor The executor is behind: of due-tasks, up to 12,345 records wait, the oldest for 15 s.",
    ),
    (
        facts(kafka={"groups": lagging("results", 3_000)}),
        "red log-sink The log sink is behind: of results, up to 12,345 records wait, the oldest for 50 min.",
    ),
    (facts(kafka={"groups": lagging("due-background", 3_000)}), ""),
    (facts(kafka={"marks": marks(time=ago(4))}), ""),
    (
        facts(kafka={"marks": marks(time=ago(42))}),
        "red ticker 0 Partition 0 stands at 2026-01-01 11:59:18 UTC, 42 s ago: its tasks (40) fire late. Its last "
        "owner was host-1.",
    ),
    (facts(kafka={"marks": marks(time=ago(42)), "clock_offset_ms": 41_000}), "yellow api The clock of this API"),
    (facts(kafka={"marks": {1: marks()[1]}}), "red ticker 0 Partition 0 has never been owned by a ticker"),
    (
        facts(kafka={"marks": marks(catch_up=(GAP,))}),
        "yellow ticker 0 Partition 0 makes good what was due between 2026-01-01 10:00:00 UTC and 2026-01-01 11:00:00 "
        "UTC, and has come to the task m.",
    ),
    (
        facts(kafka={"marks": marks(clock_offset_ms=-700)}),
        "yellow ticker The clock of the ticker host-1 is 0.7 s behind the broker's: what it emits is late by as much.",
    ),
    (
        facts(kafka={"marks": marks(clock_offset_ms=-3_000)}),
        "red ticker The clock of the ticker host-1 is 3.0 s behind",
    ),
    (
        facts(
            kafka={"groups": groups(executor={"members": (Member("h-2", "1.1.0", "", 2), Member("x", None, "", 0))})}
        ),
        "yellow versions Services of the versions 1.0.0, 1.1.0 run side by side.",
    ),
    (
        facts(kafka={"dead_letters": DeadLetterCount(9, 2)}),
        "yellow dead-letters 2 dead letters came in the last hour: records that no service could use, or runs that "
        "failed for good.",
    ),
    (facts(canary_seconds=60, database=canaries(SOUND_CANARY, SOUND_CANARY)), ""),
    (facts(canary_seconds=60, database=canaries(None, SOUND_CANARY, since=20)), ""),
    (
        facts(canary_seconds=60, database=canaries(SOUND_CANARY, None)),
        "red canary 1 The canary of partition 1 has never come through.",
    ),
    (
        facts(canary_seconds=60, database=canaries(SOUND_CANARY, Canary(ago(600), 1, succeeded=True))),
        "red canary 1 The canary of partition 1 came through last 10 min ago.",
    ),
    (facts(canary_seconds=60, database=canaries(SOUND_CANARY, SOUND_CANARY._replace(succeeded=False))), "red canary 1"),
    (
        facts(canary_seconds=60, database=canaries(SOUND_CANARY, SOUND_CANARY._replace(late_seconds=14))),
        "yellow canary 1 The last canary of partition 1 was logged 14 s after it was due.",
    ),
]


def said(finding: Finding) -> str:
    where = "" if finding.partition is None else f"{finding.partition} "
    return f"{finding.severity} {finding.component} {where}{finding.text}"


@pytest.mark.parametrize(("state", "expected"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_one_thing_that_is_wrong_is_one_finding(state: SystemFacts, expected: str) -> None:
    found = find(state)
    assert len(found) == bool(expected), [said(one) for one in found]
    if expected:
        assert said(found[0]).startswith(expected)
        assert found[0].action
    assert state_of(found) == (expected.split()[0] if expected else "green")


def test_many_of_one_kind_are_one_finding_that_names_the_worst() -> None:
    still = {number: PartitionMark(ago(8 + number), "host-1", held=40) for number in range(12)}
    (found,) = find(facts(kafka={"marks": still}, partitions=12))
    assert said(found).startswith(
        "red ticker 12 partitions (0, 1, 2 and others) stand still or are behind; Partition 2 stands at"
    )
    late = DatabaseFacts({}, canaries={n: Canary(ago(300 + n), 1, succeeded=True) for n in range(12)})
    (found,) = find(
        facts(kafka={"marks": dict.fromkeys(range(12), marks()[0])}, partitions=12, database=late, canary_seconds=60)
    )
    assert said(found) == (
        "red canary The canaries of 12 partitions (0, 1, 2 and others) do not come through. The canary of partition 0 "
        "came through last 5 min ago."
    )


def test_without_kafka_only_that_is_said_and_not_all_that_follows_from_it() -> None:
    (found,) = find(replace(facts(), kafka=None, kafka_reason="no answer within 2 s"))
    assert found.text.startswith("Kafka does not answer (no answer within 2 s). No task fires until it does")


def test_without_mongodb_the_rest_is_still_judged() -> None:
    state = replace(facts(kafka={"groups": groups(ticker={"members": ()})}), database=None, database_reason="refused")
    assert [one.component for one in find(replace(state, canary_seconds=60))] == ["mongodb", "ticker"]


def test_what_is_red_comes_first() -> None:
    found = find(facts(kafka={"dead_letters": DeadLetterCount(1, 1), "groups": groups(executor={"members": ()})}))
    assert [one.severity for one in found] == ["red", "yellow"]


def test_every_action_leads_to_a_section_that_is_there() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", page, re.M)
    }
    states = [state for state, _ in EXAMPLES] + [replace(facts(), kafka=None, database=None)]
    actions = {one.action for state in states for one in find(state)}
    linked = {link for action in actions for link in re.findall(r"operations\.md#([\w-]+)", action)}
    assert len(linked) > 8
    assert linked <= anchors


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (119, "119 s"), (121, "2 min"), (7_300, "2 h"), (200_000, "2 days")]
)
def test_lengths_of_time_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("partitions", [1, 3, 12, 200])
def test_each_partition_has_its_canary(partitions: int) -> None:
    ids = canary_ids(partitions)
    assert [partition_of(task_id, partitions) for task_id in ids] == list(range(partitions))
    task = Task.model_validate(canary_task(ids[0], 0, 60))
    assert (task.id, list(task.tags)) == (ids[0], ["tasker-canary"])
