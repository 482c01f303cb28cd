"""The runner without Kafka: which runs a cancel means, and what becomes of runs that don't like to be cancelled."""

import asyncio

from tasker_core.messages import Run
from tasker_executor.testing.runner import Rehearsal


async def test_what_is_emitted_after_a_cancel_is_not_hit_by_the_copy_in_the_other_lane() -> None:
    stage = Rehearsal()
    first = stage.run()
    await stage.turns()
    stage.held_back.add("background")
    stage.cancel("live", "background", at=5)
    later = stage.run(at=5)
    await stage.turns()
    stage.read("background")
    assert {run_id: end.outcome for run_id, end in (await stage.told()).items()} == {first.run_id: "cancelled"}
    stage.let_go(later)
    assert (await stage.told())[later.run_id].outcome == "succeeded"


async def test_a_cancel_reaches_what_goes_on_in_a_lane_that_is_too_full_to_be_read_on() -> None:
    stage = Rehearsal()
    run = stage.run(lane="background")
    await stage.turns()
    stage.held_back.add("background")
    stage.cancel("live", "background", at=60_000)
    assert (await stage.told())[run.run_id].outcome == "cancelled"
    stage.read("background")
    assert stage.unfinished("live") == stage.unfinished("background") == []


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
    stage = Rehearsal()
    stage.registry.slow["gives-up"] = gives_up
    run = stage.run(handler="gives-up")
    await stage.turns()
    stage.held_back.add("live")
    stage.lose("live")
    assert await stage.told() == {}
    assert stage.letters.sent == []
    assert stage.jobs == 0
    stage.read("live")
    await stage.turns()
    stage.held_back.clear()
    stage.cancel("live")
    assert (await stage.told())[run.run_id].outcome == "cancelled"


async def test_a_handler_that_cancels_itself_has_failed() -> None:
    stage = Rehearsal()
    stage.registry.slow["cancels-itself"] = cancels_itself
    run = stage.run(handler="cancels-itself")
    end = (await stage.told())[run.run_id]
    assert end.outcome == "failed"
    assert end.error is not None
    assert (end.error.kind, stage.unfinished("live"), stage.jobs) == ("error", [], 0)


async def test_a_cancel_is_over_when_the_lane_of_what_it_hit_is_another_owners() -> None:
    stage = Rehearsal()
    run = stage.run(lane="background")
    await stage.turns()
    stage.held_back.add("background")
    stage.cancel("live", "background", at=60_000)
    stage.lose("background")
    await stage.turns()
    assert stage.unfinished("live") == []
    stage.read("background")
    assert (await stage.told())[run.run_id].outcome == "cancelled"
    assert stage.unfinished("background") == []


async def test_nothing_starts_that_a_cancel_hits_while_the_run_before_it_ends() -> None:
    for turns in range(12):
        stage = Rehearsal()
        first = stage.run(overlap="queue_all")
        behind = [stage.run(overlap="queue_all", handler="default") for _ in range(3)]
        await stage.turns()
        stage.let_go(first)
        await stage.turns(turns)
        begun = list(stage.begun)
        stage.cancel("live", "background")
        ends = await stage.told()
        assert stage.begun == begun, turns
        assert {ends[run.run_id].outcome for run in behind if run.run_id not in begun} <= {"cancelled"}
