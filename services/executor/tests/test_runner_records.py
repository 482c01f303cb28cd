"""The runner without Kafka: what becomes of each kind of record, and how long a run keeps its slot and its offset."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tasker_core.messages import Overlap, Run, RunError, RunStarted
from tasker_core.time.instant import rfc3339
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.partition.decoding import MAX_AGE_MS
from tasker_executor.scheduling.runner import START_REPORT_SECONDS
from tasker_executor.testing.runner import NOON, RunnerHarness

LONG_AGO = rfc3339(NOON - MAX_AGE_MS - 1)


class Announcements(ForeignHandlers):
    """Handlers of other groups: those that were read, and those that a refresh finds."""

    def __init__(self, *names: str, unread: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._names, self._unread = set(names), unread

    def __contains__(self, handler: str) -> bool:
        return handler in self._names

    async def refresh(self) -> None:
        self._names.update(self._unread)


NewHarness = Callable[..., RunnerHarness]


@pytest.fixture
async def new_harness() -> AsyncIterator[NewHarness]:
    """Makes a harness; what still executes in it ends with the test."""
    harnesses: list[RunnerHarness] = []

    def new(**options: Any) -> RunnerHarness:
        harnesses.append(RunnerHarness(**options))
        return harnesses[-1]

    yield new
    for harness in harnesses:
        harness.runner.slots.close()
        for run_id in harness.running():
            harness.release(run_id)
        await harness.iterate()


class AdjustableLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward."""

    forward_seconds = 0.0

    def time(self) -> float:
        return super().time() + self.forward_seconds


def decided(policy: Overlap, decision: str) -> float:
    labels = {"policy": policy, "decision": decision}
    return REGISTRY.get_sample_value("tasker_executor_overlaps_total", labels) or 0


async def ends(harness: RunnerHarness) -> dict[str, tuple[str, str | None]]:
    """The outcome of each run that has ended, and the kind of its error."""
    finished = await harness.finished()
    return {run_id: (end.outcome, end.error and end.error.kind) for run_id, end in finished.items()}


async def test_a_record_that_is_no_run_becomes_a_dead_letter_before_its_offset_is_finished(
    new_harness: NewHarness,
) -> None:
    harness = new_harness()
    harness.emit("live", b"no run")
    assert harness.unfinished("live") == [0]
    await harness.iterate()
    assert len(harness.dead_letters.sent) == 1
    assert harness.unfinished("live") == []
    assert harness.results.results == []


async def test_a_record_that_is_read_twice_is_ignored(new_harness: NewHarness) -> None:
    harness = new_harness()
    run = harness.run()
    harness.runner.accept(harness.partitions["live"], harness.emitted["live"][0], NOON)
    await harness.iterate()
    assert harness.running() == [run.run_id]


async def test_runs_of_another_groups_handler_are_finished_without_a_result(new_harness: NewHarness) -> None:
    harness = new_harness(foreign_handlers=Announcements("theirs", "blocking"))
    harness.run(handler="theirs")
    harness.run(handler="blocking")  # ours too, but they have announced it
    assert harness.unfinished("live") == []
    assert await ends(harness) == {}
    assert (harness.started, harness.dead_letters.sent) == ([], [])


async def test_a_run_whose_handler_nobody_has_fails_for_good(new_harness: NewHarness) -> None:
    harness = new_harness()
    run = harness.run(handler="x" * 300)
    end = (await harness.finished())[run.run_id]
    message = f"no handler {'x' * 200!r} here; there are blocking, default, stubborn"
    assert (end.outcome, end.error, end.started_at) == ("failed", RunError("unknown_handler", message), None)
    assert (len(harness.dead_letters.sent), harness.unfinished("live")) == (1, [])


async def test_the_newest_announcements_are_read_before_a_handler_counts_as_unknown(new_harness: NewHarness) -> None:
    harness = new_harness(foreign_handlers=Announcements(unread=("theirs",)))
    harness.run(handler="theirs")
    assert harness.unfinished("live") == [0]
    assert await ends(harness) == {}
    assert (harness.unfinished("live"), harness.dead_letters.sent) == ([], [])


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_an_attempt_that_was_emitted_too_long_ago_does_not_start(handler: str, new_harness: NewHarness) -> None:
    harness = new_harness()
    run = harness.run(handler=handler, emitted_at=LONG_AGO)
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.error and end.error.kind, end.started_at) == ("failed", "too_old", None)
    assert (harness.started, harness.busy_slots, harness.unfinished("live")) == ([], 0, [])


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_the_result_of_an_attempt_says_when_it_started(handler: str, new_harness: NewHarness) -> None:
    harness = new_harness()
    run = harness.run(handler=handler)
    harness.release(run.run_id)
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.started_at, end.received_at) == ("succeeded", rfc3339(NOON), rfc3339(NOON))


async def test_the_offset_of_a_run_is_finished_once_its_result_is_acknowledged(new_harness: NewHarness) -> None:
    harness = new_harness()
    harness.run(handler="default")
    await harness.iterate()
    assert harness.unfinished("live") == [0]
    harness.results.acknowledge()
    assert harness.unfinished("live") == []


def started_reports(harness: RunnerHarness) -> list[str]:
    return [result.run_id for result in harness.results.results if isinstance(result, RunStarted)]


def test_only_a_run_that_goes_on_for_a_while_is_reported_as_started() -> None:
    async def report(loop: AdjustableLoop) -> None:
        harness = RunnerHarness()
        short, long = harness.run(), harness.run()
        await harness.iterate()
        harness.release(short.run_id)
        await harness.iterate()
        assert started_reports(harness) == []
        loop.forward_seconds += START_REPORT_SECONDS
        await harness.iterate()
        assert started_reports(harness) == [long.run_id]
        harness.release(long.run_id)
        await harness.iterate()
        loop.forward_seconds += START_REPORT_SECONDS
        await harness.iterate()
        assert started_reports(harness) == [long.run_id]
        report = harness.results.results[1]
        assert isinstance(report, RunStarted)
        assert report.started_at == rfc3339(NOON)

    loop = AdjustableLoop()
    try:
        loop.run_until_complete(report(loop))
    finally:
        loop.close()


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
    overlap: Overlap, decisions: dict[str, int], new_harness: NewHarness
) -> None:
    before = {decision: decided(overlap, decision) for decision in decisions}
    harness = new_harness()
    for number in range(3):
        harness.run(overlap=overlap, effective_at=rfc3339(NOON + number * 1_000))
    await harness.iterate()
    assert {decision: decided(overlap, decision) - before[decision] for decision in decisions} == decisions


async def test_queued_runs_of_a_task_start_one_after_the_other(new_harness: NewHarness) -> None:
    harness = new_harness()
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


async def test_during_a_pause_nothing_starts_and_what_is_queued_starts_after_it(new_harness: NewHarness) -> None:
    harness = new_harness()
    first, queued = harness.run(overlap="queue_all"), harness.run(overlap="queue_all")
    await harness.iterate()
    harness.runner.pause()
    harness.release(first.run_id)
    other = harness.run("u")
    await harness.iterate()
    assert harness.started == [first.run_id]
    harness.runner.resume()
    await harness.iterate()
    assert harness.started == [first.run_id, other.run_id, queued.run_id]


async def test_a_run_that_is_replaced_says_by_which_one_and_the_newer_one_starts(new_harness: NewHarness) -> None:
    harness = new_harness()
    older = harness.run(overlap="replace")
    await harness.iterate()
    newer = harness.run(overlap="replace", effective_at=rfc3339(NOON + 1_000))
    assert await ends(harness) == {older.run_id: ("cancelled", "replaced")}
    assert harness.running() == [newer.run_id]


async def test_a_queued_attempt_gives_way_to_a_newer_run(new_harness: NewHarness) -> None:
    harness = new_harness()
    executing = harness.run(overlap="queue_one", effective_at=rfc3339(NOON + 1_000))
    repeated = harness.run(overlap="queue_one", attempt=2)
    newer = harness.run(overlap="queue_one", effective_at=rfc3339(NOON + 2_000))
    end = (await harness.finished())[repeated.run_id]
    assert end.outcome == "skipped"
    assert end.error is not None
    assert newer.run_id in end.error.message
    assert (harness.running(), harness.runner.queue_length) == ([executing.run_id], 1)


async def test_a_run_that_is_cancelled_before_its_first_step_has_an_outcome_and_never_started(
    new_harness: NewHarness,
) -> None:
    harness = new_harness()
    run = harness.run()
    harness.cancel("live")
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.started_at, harness.started) == ("cancelled", None, [])
    assert (harness.busy_slots, harness.unfinished("live")) == (0, [])


async def test_a_run_that_waits_for_a_slot_is_cancelled_and_others_wait_on(new_harness: NewHarness) -> None:
    harness = new_harness(concurrency=1)
    executing, waiting, other = harness.run("a"), harness.run("b"), harness.run("c")
    await harness.iterate()
    harness.cancel("live", task_id="b")
    assert await ends(harness) == {waiting.run_id: ("cancelled", "cancelled")}
    harness.release(executing.run_id)
    await harness.iterate()
    assert harness.running() == [other.run_id]


async def test_the_offset_of_a_cancel_is_finished_after_those_of_the_runs_it_has_stopped(
    new_harness: NewHarness,
) -> None:
    harness = new_harness()
    harness.run()
    await harness.iterate()
    harness.cancel("live")
    await harness.iterate()
    assert harness.unfinished("live") == [0, 1]
    harness.results.acknowledge()
    assert harness.unfinished("live") == []


async def test_while_the_thread_of_a_run_lingers_it_keeps_its_slot_and_its_task_waits(new_harness: NewHarness) -> None:
    harness = new_harness(concurrency=2)
    thread: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def lingers(run: Run) -> object:
        harness.lingering_threads.add(run.run_id, thread)
        return None

    harness.handlers.slow["lingers"] = lingers
    lingering = harness.run(handler="lingers", overlap="queue_all")
    following = harness.run(handler="default", overlap="queue_all")
    assert await ends(harness) == {lingering.run_id: ("succeeded", None)}
    later = harness.run(handler="default", overlap="skip")
    assert (await ends(harness))[later.run_id] == ("skipped", "overlap")
    assert (harness.busy_slots, harness.runner.queue_length) == (1, 1)
    thread.set_result(None)
    assert (await ends(harness))[following.run_id] == ("succeeded", None)
    assert (harness.busy_slots, harness.runner.queue_length) == (0, 0)


async def test_once_its_end_is_reported_a_run_is_no_reason_to_skip_another(new_harness: NewHarness) -> None:
    for iterations in range(6):
        harness = new_harness()
        first = harness.run(overlap="skip")
        await harness.iterate()
        harness.release(first.run_id)
        await harness.iterate(iterations)
        reported = bool(harness.results.results)
        second = harness.run(overlap="skip")
        assert (second.run_id in await ends(harness)) != reported
