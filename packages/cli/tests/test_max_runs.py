"""`max_runs` in the audit: so many scheduled runs of a task are right, one more is not, whatever else was emitted."""

from collections.abc import Iterable
from typing import Any

import pytest

from tasker_cli.testing import SECONDS, RecordedWorld, nominal, violations


def at_most(limit: int) -> dict[str, Any]:
    return {"schedule": {"cron": "* * * * * *", "timezone": "UTC", "max_runs": limit}}


def world_of(limit: int, seconds: Iterable[int]) -> RecordedWorld:
    """Task a is due in each second, and has run in these."""
    world = RecordedWorld()
    world.verdict("a", "put", 0, **at_most(limit))
    for n in seconds:
        world.carry_out("a", n)
    return world


def finish(world: RecordedWorld, n: int) -> None:
    message = {"type": "finished", "task_id": "a", "reason": "max_runs", "last_nominal": nominal(n), "generation": 1}
    world.verdicts.append((message | {"version": 1}, n))


@pytest.mark.parametrize(("runs", "too_many"), [(5, 0), (7, 2), (SECONDS, SECONDS - 5)])
def test_more_runs_than_the_task_may_have_are_wrong(runs: int, too_many: int) -> None:
    world = world_of(5, range(1, runs + 1))
    world.verdict("a", "delete", SECONDS)
    found = world.judge()
    assert violations(found) == ({"outside": too_many} if too_many else {})
    assert found.counted["due"] == 5


@pytest.mark.parametrize(("runs", "too_many"), [(5, 0), (7, 2)])
def test_also_of_a_task_that_is_over(runs: int, too_many: int) -> None:
    world = world_of(5, range(1, runs + 1))
    finish(world, runs)
    assert violations(world.judge()) == ({"outside": too_many} if too_many else {})


def test_runs_before_the_window_are_not_missed_in_it() -> None:
    world = world_of(5, [4, 5])
    finish(world, 5)
    assert violations(world.judge()) == {"lost": 3}, "of all that there was, three are not there"
    assert violations(world.judge(first=1_767_268_804)) == {}


def test_an_edited_task_keeps_its_count_and_has_lost_nothing_meanwhile() -> None:
    raised = world_of(3, [1, 2, 3, *range(7, 16)])
    raised.verdict("a", "put", 6, **at_most(12))
    raised.verdicts[-1][0]["version"] = 2
    raised.verdict("a", "delete", SECONDS)
    found = raised.judge()
    assert (violations(found), found.counted["due"]) == ({}, 12)
    raised.carry_out("a", 16)
    assert violations(raised.judge()) == {"outside": 1}
