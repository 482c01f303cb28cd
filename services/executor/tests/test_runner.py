"""The runner without Kafka: which runs a cancel means, and what becomes of runs that ignore a cancellation."""

import asyncio

from tasker_core.messages.runs import Run
from tasker_executor.testing.runner_harness import RunnerHarness


async def test_what_is_emitted_after_a_cancel_is_not_hit_by_the_copy_in_the_other_lane() -> None:
    harness = RunnerHarness()
    first = harness.run()
    await harness.iterate()
    harness.paused_lanes.add("background")
    harness.cancel("live", "background", at=5)
    later = harness.run(at=5)
    await harness.iterate()
    harness.read("background")
    assert {run_id: end.outcome for run_id, end in (await harness.finished()).items()} == {first.run_id: "cancelled"}
    harness.release(later.run_id)
    assert (await harness.finished())[later.run_id].outcome == "succeeded"


async def test_a_cancel_reaches_what_goes_on_in_a_lane_that_is_too_full_to_be_read_on() -> None:
    harness = RunnerHarness()
    run = harness.run(lane="background")
    await harness.iterate()
    harness.paused_lanes.add("background")
    harness.cancel("live", "background", at=60_000)
    assert (await harness.finished())[run.run_id].outcome == "cancelled"
    harness.read("background")
    assert harness.unfinished("live") == harness.unfinished("background") == []


async def gives_up(_: Run) -> object:
    """Makes a failure of its own of a cancellation, as some libraries do."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise ConnectionError("interrupted") from None
    return None


async def cancels_itself(_: Run) -> object:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    return await asyncio.Event().wait()


async def test_what_a_handler_makes_of_its_cancellation_is_no_end_of_a_run_that_is_left_to_the_next_owner() -> None:
    harness = RunnerHarness()
    harness.handlers.slow["gives-up"] = gives_up
    run = harness.run(handler="gives-up")
    await harness.iterate()
    harness.paused_lanes.add("live")
    harness.lose("live")
    assert await harness.finished() == {}
    assert harness.dead_letters.sent == []
    assert harness.busy_slots == 0
    harness.read("live")
    await harness.iterate()
    harness.paused_lanes.clear()
    harness.cancel("live")
    assert (await harness.finished())[run.run_id].outcome == "cancelled"


async def test_a_handler_that_cancels_itself_has_failed() -> None:
    harness = RunnerHarness()
    harness.handlers.slow["cancels-itself"] = cancels_itself
    run = harness.run(handler="cancels-itself")
    end = (await harness.finished())[run.run_id]
    assert end.outcome == "failed"
    assert end.error is not None
    assert (end.error.kind, harness.unfinished("live"), harness.busy_slots) == ("error", [], 0)


async def test_a_cancel_is_over_when_the_lane_of_what_it_hit_is_another_owners() -> None:
    harness = RunnerHarness()
    run = harness.run(lane="background")
    await harness.iterate()
    harness.paused_lanes.add("background")
    harness.cancel("live", "background", at=60_000)
    harness.lose("background")
    await harness.iterate()
    assert harness.unfinished("live") == []
    harness.read("background")
    assert (await harness.finished())[run.run_id].outcome == "cancelled"
    assert harness.unfinished("background") == []


async def test_nothing_starts_that_a_cancel_hits_while_the_run_before_it_ends() -> None:
    for iterations in range(12):
        harness = RunnerHarness()
        first = harness.run(overlap="queue_all")
        behind = [harness.run(overlap="queue_all", handler="default") for _ in range(3)]
        await harness.iterate()
        harness.release(first.run_id)
        await harness.iterate(iterations)
        started = list(harness.started)
        harness.cancel("live", "background")
        ends = await harness.finished()
        assert harness.started == started, iterations
        assert {ends[run.run_id].outcome for run in behind if run.run_id not in started} <= {"cancelled"}
