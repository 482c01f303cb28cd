"""The options of a schedule and of lateness, by example, through the whole scheduler."""

from typing import Any

import msgspec
import pytest

from tasker_core.cron.hashes import resolve_hashes
from tasker_core.messages.runs import Policy, RetryPolicy, decode_run
from tasker_core.schedules.occurrences import spread_offset
from tasker_ticker.testing.partition_harness import PartitionHarness

NOON = "2026-01-01T12:00:00Z"
EVERY_10: dict[str, Any] = {"every": "PT10S", "anchor": NOON}


def at(second: int) -> str:
    return f"2026-01-01T12:{second // 60:02d}:{second % 60:02d}Z"


def test_bounds_and_exclusions_leave_occurrences_out() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"start": at(20), "end": at(60), "exclude": ["30,40 0 12 * * *"]})
    harness.tick(90)
    assert harness.fired("a") == [20, 50, 60]
    assert [(f["reason"], f["last_nominal"][17:19]) for f in harness.verdicts("finished")] == [("end", "00")]


def test_max_runs_counts_over_edits_and_restarts() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"max_runs": 4})
    harness.tick(25)
    harness.restart()
    harness.put(25, "a", EVERY_10 | {"max_runs": 4}, name="another name")
    harness.tick(80)
    assert harness.fired("a") == [10, 20, 30, 40]
    assert [f["reason"] for f in harness.verdicts("finished")] == ["max_runs"]
    assert "next_at" not in harness.topics["due-tasks"][-1]
    harness.put(80, "a", EVERY_10 | {"max_runs": 5})
    harness.tick(120)
    assert harness.fired("a") == [10, 20, 30, 40, 90]


def test_a_schedule_that_leaves_nothing_is_rejected() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10 | {"exclude": ["* * * * *"]})
    harness.commit(1)
    assert harness.verdicts()[0]["errors"][0]["pointer"] == "/schedule/exclude"


def test_spread_delays_by_a_stable_part_of_the_window() -> None:
    harness, schedule = PartitionHarness(), {"every": "PT1M", "anchor": NOON, "spread": "PT30S"}
    names = [f"t{n}" for n in range(8)]
    for name in names:
        harness.put(0, name, schedule)
    delays = {name: spread_offset(name, 30) for name in names}
    for second in range(1, 130):
        harness.commit(second)
        for name in names:
            expected = [minute for minute in (0, 60, 120) if 0 < minute + delays[name] <= second]
            assert harness.fired(name) == expected, (name, second)
    assert len(set(delays.values())) > 4


def test_an_edit_of_the_spread_neither_loses_nor_repeats() -> None:
    name = next(n for n in (f"t{i}" for i in range(99)) if spread_offset(n, 40) > 20)
    harness, schedule = PartitionHarness(), {"every": "PT1M", "anchor": NOON}
    harness.put(-5, name, schedule | {"spread": "PT40S"})
    harness.tick(65)
    harness.put(65.5, name, schedule)  # 60 had not been emitted yet, and its new effective time has passed
    harness.tick(70)
    harness.put(70, name, schedule | {"spread": "PT40S"})
    harness.tick(175)
    assert harness.fired(name) == [0, 60, 120]


@pytest.mark.parametrize(
    ("misfire", "ran", "missed"),
    [
        ({"policy": "latest"}, [900], (300, 600, "coalesced")),
        ({"policy": "none"}, [], (300, 900, "policy")),
        ({"policy": "all", "max": 2}, [600, 900], (300, 300, "over_max")),
        ({"policy": "all"}, [300, 600, 900], None),
        ({"policy": "latest", "grace": "PT10M"}, [600, 900], (300, 300, "coalesced")),
    ],
)
def test_what_a_gap_leaves_is_decided_by_policy(misfire: dict[str, Any], ran: list[int], missed: Any) -> None:
    harness = PartitionHarness()
    harness.put(0, "a", {"every": "PT5M", "anchor": NOON}, misfire=misfire)
    harness.settle(1)
    harness.restart()
    harness.settle(1150)
    assert harness.fired("a", "due-background") == ran
    assert harness.missed("a") == ([missed] if missed else [])


def test_a_grace_of_seconds_is_kept_within_the_live_lane() -> None:
    harness = PartitionHarness()
    for name, policy in (("none", "none"), ("latest", "latest"), ("patient", "none")):
        grace = "PT1M" if name == "patient" else "PT2S"
        harness.put(0, name, {"every": "PT3S", "anchor": NOON}, misfire={"policy": policy, "grace": grace})
    harness.settle(1)
    harness.commit(11)  # 3 and 6 are late by more than two seconds, 9 is not
    harness.restart()
    harness.settle(12)
    assert (harness.fired("none"), harness.missed("none")) == ([9, 12], [(3, 6, "policy")])
    assert (harness.fired("latest"), harness.missed("latest")) == ([9, 12], [(3, 6, "coalesced")])
    assert (harness.fired("patient"), harness.missed("patient")) == ([3, 6, 9, 12], [])


def test_a_run_carries_how_it_is_to_be_carried_out() -> None:
    harness = PartitionHarness()
    harness.put(0, "a", EVERY_10, timeout="PT5S", overlap="skip", retry={"max_attempts": 3, "initial": 1})
    harness.put(0, "b", EVERY_10, overlap="allow", retry={"max_attempts": 1})
    harness.tick(5)
    harness.restart()
    harness.tick(10)
    runs = [decode_run(msgspec.json.encode(run)) for run in harness.topics["due-tasks"]]
    retry = RetryPolicy(max_attempts=3, initial="PT1S")
    assert {run.task_id: run.policy for run in runs} == {"a": Policy("PT5S", "skip", retry), "b": Policy()}


def test_a_task_has_its_own_minute_where_the_schedule_says_h() -> None:
    harness, schedule = PartitionHarness(), {"cron": "H * * * * *", "timezone": "Europe/Berlin"}
    seconds = {name: int(resolve_hashes("H * * * * *", name).split()[0]) for name in ("a", "b", "c")}
    for name in seconds:
        harness.put(0, name, schedule)
    harness.tick(59)
    harness.restart()
    harness.tick(119)
    assert {name: harness.fired(name) for name in seconds} == {n: [s, s + 60] for n, s in seconds.items()}
    assert len(set(seconds.values())) > 1
    assert {verdict["task"]["schedule"]["cron"] for verdict in harness.verdicts("verdict")} == {"H * * * * *"}
