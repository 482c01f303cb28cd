"""Overlap on a real Kafka: what each policy does and reports, and that it holds through changes of owner."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Overlap, Policy, Run
from tasker_core.topics import PARTITIONS
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.scheduling.overlap import MAX_QUEUED
from tasker_executor.testing.executor_harness import ExecutorHarness


class BlockingHandler:
    """`blocking` ends when its run is released; records in which order runs started and which of a task overlapped."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.together: dict[str, set[str]] = {}
        self.overlapped: list[str] = []
        self._released: dict[str, asyncio.Event] = {}
        self.all_released = False
        self.handlers = LocalHandlers(quick={"default": lambda _: None}, slow={"blocking": self.blocking})

    async def blocking(self, run: Run) -> object:
        self.started.append(run.run_id)
        now = self.together.setdefault(run.task_id, set())
        self.overlapped += [run.run_id] if now else []
        now.add(run.run_id)
        try:
            if not self.all_released:
                await self._released.setdefault(run.run_id, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.cancelled.append(run.run_id)
            raise
        finally:
            now.discard(run.run_id)
        return None

    def release(self, *runs: Run) -> None:
        for run in runs:
            self._released.setdefault(run.run_id, asyncio.Event()).set()

    def release_all(self) -> None:
        self.all_released = True
        for event in self._released.values():
            event.set()


class Task:
    """One task, whose runs are all under one policy."""

    def __init__(self, harness: ExecutorHarness, overlap: Overlap, partition: int = -1) -> None:
        self.harness, self.policy, self.task_id = harness, Policy(overlap=overlap), harness.task_in(partition)

    async def send(self, handler: str = "blocking") -> Run:
        return await self.harness.send(handler, task_id=self.task_id, policy=self.policy)


def end_of(harness: ExecutorHarness, run: Run) -> tuple[str, str, str]:
    """(outcome, kind of error, message) of a run's end."""
    end = harness.finished()[run.run_id]
    return end.outcome, end.error.kind if end.error else "", end.error.message if end.error else ""


def counted(policy: str, decision: str) -> float:
    labels = {"policy": policy, "decision": decision}
    return REGISTRY.get_sample_value("tasker_executor_overlaps_total", labels) or 0


def waiting() -> float:
    return REGISTRY.get_sample_value("tasker_executor_queued_runs") or 0


async def test_skip_says_which_run_was_in_the_way_and_starts_the_next_one_that_finds_the_task_idle(
    harness: ExecutorHarness,
) -> None:
    handler, task, before = BlockingHandler(), Task(harness, "skip"), counted("skip", "skip")
    async with harness.executor(handler.handlers):
        first = await task.send()
        await harness.until(lambda: handler.started, "the first one executes")
        second, quick = await task.send(), await task.send("default")
        await harness.all_finished([second, quick])
        for run in (second, quick):
            outcome, kind, message = end_of(harness, run)
            assert (outcome, kind) == ("skipped", "overlap")
            assert first.run_id in message
            assert first.nominal_at in message
            assert "overlap is skip" in message
            assert harness.finished()[run.run_id].started_at is None
        handler.release(first)
        await harness.all_finished([first])
        third = await task.send()
        handler.release(third)
        await harness.all_finished([third])
    assert [end_of(harness, run)[0] for run in (first, third)] == ["succeeded"] * 2
    assert handler.started == [first.run_id, third.run_id]
    assert counted("skip", "skip") == before + 2
    assert not harness.dead_letters


async def test_allow_runs_side_by_side(harness: ExecutorHarness) -> None:
    handler, task = BlockingHandler(), Task(harness, "allow")
    async with harness.executor(handler.handlers):
        runs = [await task.send() for _ in range(3)]
        await harness.until(lambda: len(handler.started) == 3, "all three execute")
        handler.release_all()
        await harness.all_finished(runs)
    assert len(handler.overlapped) == 2


async def test_queue_one_keeps_the_first_that_waits(harness: ExecutorHarness) -> None:
    handler, task = BlockingHandler(), Task(harness, "queue_one")
    async with harness.executor(handler.handlers):
        first = await task.send()
        await harness.until(lambda: handler.started, "the first one executes")
        second, third = await task.send(), await task.send()
        await harness.all_finished([third])
        outcome, kind, message = end_of(harness, third)
        assert (outcome, kind) == ("skipped", "overlap")
        assert second.run_id in message
        handler.release_all()
        await harness.all_finished([first, second])
    assert handler.started == [first.run_id, second.run_id]
    assert handler.overlapped == []


async def test_queue_all_runs_a_hundred_in_order_and_skips_what_is_beyond(harness: ExecutorHarness) -> None:
    handler, task = BlockingHandler(), Task(harness, "queue_all")
    async with harness.executor(handler.handlers):
        runs = [await task.send() for _ in range(MAX_QUEUED + 3)]
        beyond = runs[MAX_QUEUED + 1 :]
        await harness.all_finished(beyond)
        handler.release_all()
        await harness.all_finished(runs)
    assert [end_of(harness, run)[:2] for run in beyond] == [("skipped", "overlap")] * 2
    assert handler.started == [run.run_id for run in runs[: MAX_QUEUED + 1]]
    assert handler.overlapped == []
    assert set(harness.ends().values()) == {1}


async def test_replace_cancels_what_executes_and_starts_when_it_has_ended(harness: ExecutorHarness) -> None:
    handler, task = BlockingHandler(), Task(harness, "replace")
    async with harness.executor(handler.handlers):
        first = await task.send()
        await harness.until(lambda: handler.started, "the first one executes")
        second = await task.send()
        await harness.until(lambda: len(handler.started) == 2, "the second one executes")
        older = await harness.send(
            "blocking",
            task_id=task.task_id,
            policy=task.policy,
            effective_at=first.effective_at,
            attempt=2,
            lane="background",
        )
        await harness.all_finished([first, older])
        handler.release_all()
        await harness.all_finished([second])
    outcome, kind, message = end_of(harness, first)
    assert (outcome, kind) == ("cancelled", "replaced")
    assert second.run_id in message
    assert end_of(harness, second)[0] == "succeeded"
    outcome, kind, message = end_of(harness, older)
    assert (outcome, kind) == ("skipped", "overlap")
    assert "attempt 2" in message
    assert second.run_id in message
    assert handler.started == [first.run_id, second.run_id]
    assert handler.overlapped == []


async def test_a_cancel_hits_what_is_queued_and_what_comes_later_still_runs(harness: ExecutorHarness) -> None:
    handler, task = BlockingHandler(), Task(harness, "queue_all")
    async with harness.executor(handler.handlers):
        runs = [await task.send() for _ in range(4)]
        await harness.until(lambda: handler.started, "the first one executes")
        await harness.send_raw(encode(Cancel(task_id=task.task_id, run_id=runs[2].run_id)), task.task_id)
        await harness.all_finished([runs[2]])
        assert end_of(harness, runs[2])[:2] == ("cancelled", "cancelled")
        assert harness.finished()[runs[2].run_id].started_at is None
        await harness.send_raw(encode(Cancel(task_id=task.task_id)), task.task_id)
        later = await task.send()
        await harness.all_finished(runs)
        await harness.until(lambda: later.run_id in handler.started, "what came after the cancel starts")
        handler.release_all()
        await harness.all_finished([later])
    assert {end_of(harness, run)[0] for run in runs} == {"cancelled"}
    assert handler.started == [runs[0].run_id, later.run_id]
    assert end_of(harness, later)[0] == "succeeded"


async def test_what_goes_on_after_its_attempt_keeps_other_runs_of_the_task_waiting_and_a_cancel_does_not_wait_for_it(
    harness: ExecutorHarness,
) -> None:
    handler, task = BlockingHandler(), Task(harness, "queue_all")
    lingering, thread = LingeringThreads(), asyncio.get_running_loop().create_future()

    async def lingers(run: Run) -> object:
        lingering.add(run.run_id, thread)
        return None

    handler.handlers.slow["lingers"] = lingers
    async with harness.executor(handler.handlers, lingering_threads=lingering):
        first = await task.send("lingers")
        await harness.all_finished([first])
        second, third = await task.send(), await task.send()
        await harness.until(lambda: waiting() == 2, "both wait")
        await harness.send_raw(encode(Cancel(task_id=task.task_id, run_id=second.run_id)), task.task_id)
        await harness.send_raw(encode(Cancel(task_id=task.task_id, run_id=first.run_id)), task.task_id)
        await harness.all_finished([second])
        assert handler.started == []
        thread.set_result(None)
        handler.release_all()
        await harness.all_finished([third])
    assert [end_of(harness, run)[0] for run in (first, second, third)] == ["succeeded", "cancelled", "succeeded"]
    assert handler.started == [third.run_id]
    assert set(harness.ends().values()) == {1}


@pytest.mark.parametrize("overlap", ["skip", "queue_one", "queue_all", "replace"])
async def test_policies_hold_through_a_rebalance_and_with_the_next_owner(
    harness: ExecutorHarness, overlap: Overlap
) -> None:
    first, second = BlockingHandler(), BlockingHandler()
    tasks = [Task(harness, overlap, partition) for partition in range(PARTITIONS)]
    async with harness.executor(first.handlers):
        started = [await task.send() for task in tasks]
        await harness.until(lambda: len(first.started) == PARTITIONS, "a run of each task executes")
        queued = [await task.send() for task in tasks] if overlap in ("queue_one", "queue_all") else []
        async with harness.executor(second.handlers):
            await harness.until(lambda: len(second.started) == PARTITIONS / 2, "the second one has its half")
            await harness.until(lambda: len(first.cancelled) == PARTITIONS / 2, "the first one has left it")
            assert set(second.started) == set(first.cancelled)
            more = [await task.send() for task in tasks]
            if overlap == "replace":
                await harness.all_finished(started)
                await harness.until(
                    lambda: len(first.started) + len(second.started) == 30, "the later ones have started"
                )
            elif overlap != "queue_all":
                await harness.all_finished(more)
            second.release_all()
            first.release_all()
            await harness.all_finished([*started, *queued, *more])
    ends = harness.finished()
    outcomes = [{ends[run.run_id].outcome for run in runs} for runs in (started, queued, more)]
    assert (
        outcomes
        == {
            "skip": [{"succeeded"}, set[str](), {"skipped"}],
            "queue_one": [{"succeeded"}, {"succeeded"}, {"skipped"}],
            "queue_all": [{"succeeded"}, {"succeeded"}, {"succeeded"}],
            "replace": [{"cancelled"}, set[str](), {"succeeded"}],
        }[overlap]
    )
    assert first.overlapped == second.overlapped == []
    assert set(harness.ends().values()) == {1}
