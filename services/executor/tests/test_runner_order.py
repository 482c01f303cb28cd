"""The runner without Kafka: how runs follow each other, and what holds them up or ends them before their time."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from tasker_core.messages.runs import Overlap, Run
from tasker_core.time.instant import rfc3339
from tasker_executor.testing.runner_harness import NOON, NewRunnerHarness, RunnerHarness


def decided(policy: Overlap, decision: str) -> float:
    labels = {"policy": policy, "decision": decision}
    return REGISTRY.get_sample_value("tasker_executor_overlaps_total", labels) or 0


async def ends(harness: RunnerHarness) -> dict[str, tuple[str, str | None]]:
    """The outcome of each run that has ended, and the kind of its error."""
    finished = await harness.finished()
    return {run_id: (end.outcome, end.error and end.error.kind) for run_id, end in finished.items()}


@pytest.mark.parametrize(
    ("overlap", "decisions"),
    [
        ("skip", {"skip": 2, "wait": 0, "replace": 0}),
        ("queue_one", {"skip": 1, "wait": 1, "replace": 0}),
        ("replace", {"skip": 0, "wait": 0, "replace": 2}),
        ("allow", {"skip": 0, "wait": 0, "replace": 0}),
    ],
)
async def test_each_overlap_is_counted_by_what_was_decided(
    overlap: Overlap, decisions: dict[str, int], new_runner_harness: NewRunnerHarness
) -> None:
    before = {decision: decided(overlap, decision) for decision in decisions}
    harness = new_runner_harness()
    for number in range(3):
        harness.run(overlap=overlap, effective_at=rfc3339(NOON + number * 1_000))
    await harness.iterate()
    assert {decision: decided(overlap, decision) - before[decision] for decision in decisions} == decisions


async def test_queued_runs_of_a_task_start_one_after_the_other(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    first, quick, last = (
        harness.run(overlap="queue_all"),
        *(harness.run(overlap="queue_all", handler=handler) for handler in ("default", "blocking")),
    )
    await harness.iterate()
    assert (harness.started, harness.runner.queue_length) == ([first.run_id], 2)
    harness.release(first.run_id)
    await harness.iterate()
    assert (harness.started, harness.runner.queue_length) == ([first.run_id, quick.run_id, last.run_id], 0)
    harness.release(last.run_id)
    assert set((await ends(harness)).values()) == {("succeeded", None)}


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_during_a_pause_nothing_starts_and_what_is_queued_starts_after_it(
    new_runner_harness: NewRunnerHarness, handler: str
) -> None:
    harness = new_runner_harness()
    first, queued = harness.run(overlap="queue_all"), harness.run(overlap="queue_all", handler=handler)
    await harness.iterate()
    harness.runner.pause()
    harness.release(first.run_id)
    other = harness.run("u")
    await harness.iterate()
    assert harness.started == [first.run_id]
    harness.runner.resume()
    await harness.iterate()
    assert set(harness.started) == {first.run_id, queued.run_id, other.run_id}


async def test_a_run_that_is_skipped_says_because_of_which_one(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    executing, skipped = harness.run(overlap="skip"), harness.run(overlap="skip")
    end = (await harness.finished())[skipped.run_id]
    assert (end.outcome, end.started_at) == ("skipped", None)
    assert end.error is not None
    assert executing.run_id in end.error.message


async def test_a_run_that_is_replaced_says_by_which_one_and_the_newer_one_starts(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    older = harness.run(overlap="replace")
    await harness.iterate()
    newer = harness.run(overlap="replace", effective_at=rfc3339(NOON + 1_000))
    assert await ends(harness) == {older.run_id: ("cancelled", "replaced")}
    assert harness.running() == [newer.run_id]


async def test_a_run_that_replaces_one_that_waits_for_a_slot_waits_in_its_stead(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(concurrency=1)
    executing, older = harness.run("a"), harness.run("b", "replace")
    newer = harness.run("b", "replace", effective_at=rfc3339(NOON + 1_000))
    assert await ends(harness) == {older.run_id: ("cancelled", "replaced")}
    assert harness.runner.queue_length == 0
    harness.release(executing.run_id)
    await harness.iterate()
    assert harness.running() == [newer.run_id]


async def test_a_queued_attempt_gives_way_to_a_newer_run(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    executing = harness.run(overlap="queue_one", effective_at=rfc3339(NOON + 1_000))
    repeated = harness.run(overlap="queue_one", attempt=2)
    newer = harness.run(overlap="queue_one", effective_at=rfc3339(NOON + 2_000))
    end = (await harness.finished())[repeated.run_id]
    assert end.outcome == "skipped"
    assert end.error is not None
    assert newer.run_id in end.error.message
    assert (harness.running(), harness.runner.queue_length) == ([executing.run_id], 1)


async def test_a_run_that_is_cancelled_before_its_first_step_has_an_outcome_and_never_started(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    run = harness.run()
    harness.cancel("live")
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.started_at, harness.started) == ("cancelled", None, [])
    assert (harness.busy_slots, harness.unfinished("live")) == (0, [])


async def test_a_run_that_waits_for_a_slot_is_cancelled_and_others_wait_on(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(concurrency=1)
    executing, waiting, other = harness.run("a"), harness.run("b"), harness.run("c")
    await harness.iterate()
    harness.cancel("live", task_id="b")
    assert await ends(harness) == {waiting.run_id: ("cancelled", "cancelled")}
    harness.release(executing.run_id)
    await harness.iterate()
    assert harness.running() == [other.run_id]


async def test_when_a_run_that_waits_for_a_slot_is_cancelled_the_one_queued_behind_it_takes_its_place(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(concurrency=1)
    executing, waiting, queued = harness.run("a"), harness.run("b", "queue_all"), harness.run("b", "queue_all")
    harness.cancel("live", task_id="b", run_id=waiting.run_id)
    assert await ends(harness) == {waiting.run_id: ("cancelled", "cancelled")}
    harness.release(executing.run_id)
    await harness.iterate()
    assert harness.running() == [queued.run_id]


async def test_a_run_that_is_cancelled_as_its_partition_is_lost_is_left_to_the_next_owner(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    harness.run()
    harness.cancel("live")
    harness.paused_lanes.add("live")
    harness.lose("live")
    assert await ends(harness) == {}
    assert harness.busy_slots == 0


async def test_the_offset_of_a_cancel_is_finished_after_those_of_the_runs_it_has_stopped(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    harness.run()
    await harness.iterate()
    harness.cancel("live")
    await harness.iterate()
    assert harness.unfinished("live") == [0, 1]
    harness.results.acknowledge()
    assert harness.unfinished("live") == []


def let_linger(harness: RunnerHarness) -> asyncio.Future[None]:
    """Make a handler `lingers` whose attempts end when they are cancelled, and their threads with this future."""
    thread: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def lingers(run: Run) -> object:
        try:
            return await asyncio.Event().wait()
        finally:
            harness.lingering_threads.add(run.run_id, thread)

    harness.handlers.slow["lingers"] = lingers
    return thread


async def test_while_the_thread_of_a_run_lingers_it_keeps_its_slot_and_its_task(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    thread = let_linger(harness)
    harness.run(handler="lingers")
    await harness.iterate()
    harness.cancel("live")
    skipped = harness.run(handler="default", overlap="skip")
    assert (await ends(harness))[skipped.run_id] == ("skipped", "overlap")
    queued = harness.run(handler="default", overlap="queue_all")
    await harness.iterate()
    assert (harness.busy_slots, harness.runner.queue_length, harness.started) == (1, 1, [])
    thread.set_result(None)
    assert (await ends(harness))[queued.run_id] == ("succeeded", None)
    assert (harness.busy_slots, harness.runner.queue_length) == (0, 0)


async def test_the_end_of_a_run_whose_thread_lingers_is_reported_once(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    thread = let_linger(harness)
    run = harness.run(handler="lingers")
    await harness.iterate()
    harness.cancel("live")
    assert await ends(harness) == {run.run_id: ("cancelled", "cancelled")}
    thread.set_result(None)
    await harness.iterate()
    assert len(harness.results.results) == 1
    assert harness.unfinished("live") == []


async def test_once_its_end_is_reported_a_run_is_no_reason_to_skip_another(
    new_runner_harness: NewRunnerHarness,
) -> None:
    for iterations in range(6):
        harness = new_runner_harness()
        first = harness.run(overlap="skip")
        await harness.iterate()
        harness.release(first.run_id)
        await harness.iterate(iterations)
        reported = bool(harness.results.results)
        second = harness.run(overlap="skip")
        assert (second.run_id in await ends(harness)) != reported
