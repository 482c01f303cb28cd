"""The runner without Kafka: what becomes of each kind of record, and how long a run keeps its slot and its offset."""

import asyncio

import pytest

from tasker_core.messages.runs import RetryPolicy, RunError, RunStarted
from tasker_core.time.instant import rfc3339
from tasker_executor.announcements.foreign_handlers import ForeignHandlers
from tasker_executor.partition.decoding import MAX_AGE_MS
from tasker_executor.scheduling.runner import START_REPORT_SECONDS
from tasker_executor.testing.runner_harness import NOON, NewRunnerHarness, RunnerHarness

LONG_AGO = rfc3339(NOON - MAX_AGE_MS - 1)


class Announcements(ForeignHandlers):
    """Handlers of other groups: those that were read, and those that a refresh finds."""

    def __init__(self, *names: str, unread: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._names, self._unread = set(names), unread

    def __contains__(self, handler: str) -> bool:
        return handler in self._names

    async def refresh(self) -> bool:
        self._names.update(self._unread)
        return True


class AdjustableLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward."""

    forward_seconds = 0.0

    def time(self) -> float:
        return super().time() + self.forward_seconds


async def ends(harness: RunnerHarness) -> dict[str, tuple[str, str | None]]:
    """The outcome of each run that has ended, and the kind of its error."""
    finished = await harness.finished()
    return {run_id: (end.outcome, end.error and end.error.kind) for run_id, end in finished.items()}


async def test_a_record_that_is_no_run_becomes_a_dead_letter_before_its_offset_is_finished(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
    harness.emit("live", b"no run")
    assert harness.unfinished("live") == [0]
    await harness.iterate()
    assert len(harness.dead_letters.sent) == 1
    assert harness.unfinished("live") == []
    assert harness.results.results == []


async def test_a_record_that_is_read_twice_is_ignored(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    run = harness.run()
    harness.runner.accept(harness.partitions["live"], harness.emitted["live"][0], NOON)
    await harness.iterate()
    assert harness.running() == [run.run_id]


async def test_runs_of_another_groups_handler_are_finished_without_a_result(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(foreign_handlers=Announcements("theirs", "blocking"))
    harness.run(handler="theirs")
    harness.run(handler="blocking")  # ours too, but they have announced it
    assert harness.unfinished("live") == []
    assert await ends(harness) == {}
    assert (harness.started, harness.dead_letters.sent) == ([], [])


async def test_a_run_whose_handler_nobody_has_fails_for_good(new_runner_harness: NewRunnerHarness) -> None:
    harness = new_runner_harness()
    run = harness.run(handler="x" * 300, retry=RetryPolicy(max_attempts=3))
    end = (await harness.finished())[run.run_id]
    message = f"no handler {'x' * 200!r} here; there are blocking, default, deferred, stubborn"
    assert (end.outcome, end.error, end.started_at) == ("failed", RunError("unknown_handler", message), None)
    assert (len(harness.dead_letters.sent), harness.events.sent, harness.unfinished("live")) == (1, [], [])


async def test_the_newest_announcements_are_read_before_a_handler_counts_as_unknown(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness(foreign_handlers=Announcements(unread=("theirs",)))
    harness.run(handler="theirs")
    assert harness.unfinished("live") == [0]
    assert await ends(harness) == {}
    assert (harness.unfinished("live"), harness.dead_letters.sent) == ([], [])


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_an_attempt_that_was_emitted_too_long_ago_does_not_start(
    handler: str, new_runner_harness: NewRunnerHarness
) -> None:
    harness = new_runner_harness()
    run = harness.run(handler=handler, emitted_at=LONG_AGO)
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.error and end.error.kind, end.started_at) == ("failed", "too_old", None)
    assert (harness.started, harness.busy_slots, harness.unfinished("live")) == ([], 0, [])


@pytest.mark.parametrize("handler", ["default", "blocking"])
async def test_the_result_of_an_attempt_says_when_it_started(
    handler: str, new_runner_harness: NewRunnerHarness
) -> None:
    harness = new_runner_harness()
    run = harness.run(handler=handler)
    harness.release(run.run_id)
    end = (await harness.finished())[run.run_id]
    assert (end.outcome, end.started_at, end.received_at) == ("succeeded", rfc3339(NOON), rfc3339(NOON))


async def test_the_offset_of_a_run_is_finished_once_its_result_is_acknowledged(
    new_runner_harness: NewRunnerHarness,
) -> None:
    harness = new_runner_harness()
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
