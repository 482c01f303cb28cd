"""A cancel between the end of an attempt and its acknowledgement: a crash then repeats the run, and the cancel, too."""

import pytest

from tasker_core.messages.runs import RunFinished
from tasker_executor.partition.priority_lanes import LANES
from tasker_executor.testing.runner_harness import NewRunnerHarness


@pytest.mark.parametrize("handler", ["blocking", "default", "deferred"])
async def test_the_cancel_is_not_finished_before_the_result_is_acknowledged(
    new_runner_harness: NewRunnerHarness, handler: str
) -> None:
    harness = new_runner_harness()
    run = harness.run(handler=handler)
    await harness.iterate()
    harness.release(run.run_id)
    await harness.iterate()
    harness.cancel(*LANES, at=5_000)
    assert (harness.unfinished("live"), harness.unfinished("background")) == ([0, 1], [0])
    await harness.finished()
    assert (harness.unfinished("live"), harness.unfinished("background")) == ([], [])


async def test_after_a_crash_in_between_the_run_that_is_repeated_is_cancelled(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    run = harness.run()
    await harness.iterate()
    harness.release(run.run_id)
    await harness.iterate()
    harness.cancel("live", at=10)
    harness.lose("live")
    harness.read("live")
    await harness.iterate()
    ends = [one.outcome for one in harness.results.results if isinstance(one, RunFinished)]
    assert ends == ["succeeded", "cancelled"]


async def test_a_cancel_waits_for_runs_of_its_own_task_that_came_before_it_alone(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    harness.run("other", handler="default")
    harness.cancel("live")
    assert harness.unfinished("live") == [0]
    first = harness.run("t", handler="default")
    harness.cancel("live", run_id="another")
    assert harness.unfinished("live") == [0, 2]
    harness.cancel("live", run_id=first.run_id)
    assert harness.unfinished("live") == [0, 2, 4]


async def test_what_another_member_owns_now_is_not_waited_for(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    harness.run(handler="default")
    harness.lose("live")
    harness.cancel("background", at=5_000)
    assert harness.unfinished("background") == []
