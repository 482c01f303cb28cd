"""Runs that may be unfinished still, and those that can't be: queued behind others, under way for long, or gone."""

from typing import Any

import pytest

from tasker_cli.testing import FROM, RecordedWorld, first_of, nominal, run_id, violations

WAITING = "runs not finished yet"
QUEUES = ("queue_one", "queue_all")
DAY = 86_400


def queueing(overlap: str = "queue_one", **changes: Any) -> RecordedWorld:
    """Task a runs in each of 20 seconds."""
    world = RecordedWorld()
    world.verdict("a", "put", 0, overlap=overlap, **changes)
    for n in range(1, 21):
        world.carry_out("a", n)
    world.verdict("a", "delete", 20)
    return world


def forget(world: RecordedWorld, *seconds: int) -> None:
    """Neither result nor log know of the runs of these seconds."""
    for n in seconds:
        del world.results[first_of(world.results, "a", n)]
        del world.runs[run_id("a", n)]


@pytest.mark.parametrize("overlap", QUEUES)
def test_a_run_is_gone_when_a_later_one_had_its_turn(overlap: str) -> None:
    world = queueing(overlap)
    forget(world, 7)
    found = world.judge(last=FROM + 200)
    assert violations(found) == {"unlogged": 1}
    assert found.first_examples("unlogged")[0].second == FROM + 7
    found = world.judge(last=FROM + 100)  # the results of both may still be on their way to Kafka
    assert (violations(found), found.counted[WAITING]) == ({}, 1)


@pytest.mark.parametrize("overlap", QUEUES)
def test_runs_wait_behind_one_that_goes_on(overlap: str) -> None:
    world = queueing(overlap, timeout="PT1H")
    forget(world, *range(7, 21))
    found = world.judge(last=FROM + 200)
    assert (violations(found), found.counted[WAITING]) == ({}, 14)


def test_what_never_had_a_turn_has_passed_nobody() -> None:
    world = queueing()
    forget(world, 7, 8)
    for message, n in world.results:
        if n > 8:
            message.update(outcome="skipped", started_at=None)
            world.runs[message["run_id"]].update(state="skipped", started_at=None)
    assert violations(world.judge(last=FROM + 200)) == {}


def test_a_run_of_the_other_lane_has_passed_nobody() -> None:
    world = queueing()
    forget(world, 7)
    world.background.add(first_of(world.due, "a", 7))
    assert violations(world.judge(last=FROM + 200)) == {}
    world.background = set(range(first_of(world.due, "a", 8), len(world.due)))
    assert violations(world.judge(last=FROM + 200)) == {}


def test_a_run_under_another_definition_has_passed_nobody() -> None:
    """Another group of executors may have it, or it waits for nobody."""
    for changed in ({"overlap": "queue_one", "handler": "other"}, {"overlap": "allow"}):
        world = RecordedWorld()
        world.verdict("a", "put", 0, overlap="queue_one")
        world.verdict("a", "put", 7, **changed)
        world.verdicts[-1][0]["version"] = 2
        for n in range(1, 21):
            world.carry_out("a", n)
        world.verdict("a", "delete", 20)
        forget(world, 7)
        assert violations(world.judge(last=FROM + 200)) == {}
        forget(world, 6)
        assert violations(world.judge(last=FROM + 200)) == {}
        forget(world, 12)
        assert violations(world.judge(last=FROM + 200)) == {"unlogged": 1}
        world.carry_out("a", 7)
        world.due.pop()
        assert violations(world.judge(last=FROM + 200)) == {"unlogged": 2}


def test_a_run_between_two_attempts_is_passed_by_others() -> None:
    world = queueing()
    place = first_of(world.results, "a", 7)
    failed, n = world.results[place]
    world.results[place] = (failed | {"outcome": "failed", "retry_at": nominal(195)}, n)
    world.runs[run_id("a", 7)].update(state="retrying", retry_at=nominal(195))
    assert violations(world.judge(last=FROM + 200)) == {}
    del world.runs[run_id("a", 7)]  # its first attempt has ended: it waits no more
    assert violations(world.judge(last=FROM + 200)) == {"unlogged": 1}


def test_nothing_waits_for_its_turn_longer_than_a_day() -> None:
    world = queueing(timeout="PT2H")
    forget(world, 19, 20)
    for hours, expected in ((25, {}), (26, {"unlogged": 2})):
        assert violations(world.judge(last=FROM + hours * 3600 + 180)) == expected


def test_a_triggered_run_waits_no_longer_than_a_day_either() -> None:
    world = RecordedWorld()
    world.verdict("a", "put", 0, schedule={"manual": True}, overlap="queue_all")
    world.verdict("a", "trigger", 3)
    world.verdicts[-1][0]["run_id"] = run_id("a", 3)
    world.carry_out("a", 3, kind="manual")
    forget(world, 3)
    assert violations(world.judge(last=FROM + DAY)) == {}
    assert violations(world.judge(last=FROM + DAY + 300)) == {"unlogged": 1}


def test_the_timeout_of_a_task_without_occurrences_counts() -> None:
    """It runs when somebody triggers it, or less often than the window is long."""
    world = RecordedWorld()
    world.verdict("a", "put", 0, schedule={"manual": True}, timeout="PT1H")
    world.verdict("a", "trigger", 3)
    world.verdicts[-1][0]["run_id"] = run_id("a", 3)
    world.carry_out("a", 3, kind="manual")
    world.results.clear()
    world.runs[run_id("a", 3)]["state"] = "running"
    found = world.judge(last=FROM + 200)
    assert (violations(found), found.counted[WAITING]) == ({}, 1)
    assert violations(world.judge(last=FROM + 3600 + 200)) == {"endless": 1}
