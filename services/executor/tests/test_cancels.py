"""Cancels, on a real Kafka: what was read before them stops, whether it runs or waits, and nothing else."""

import asyncio

from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Run
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.testing.executor_harness import ExecutorHarness


class Endless:
    """A handler that never ends by itself."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.registry = LocalHandlers(quick={}, slow={"endless": self.endless})

    async def endless(self, run: Run) -> object:
        self.started.append(run.run_id)
        return await asyncio.Event().wait()


async def test_what_runs_and_what_waits_is_cancelled_and_others_are_not(harness: ExecutorHarness) -> None:
    handlers = Endless()
    async with harness.executor(handlers.registry, executor_concurrency=2, drain_seconds=1):
        other = await harness.send("endless")
        await harness.until(lambda: handlers.started, "the other run goes on")
        task = harness.task_in()
        running = await harness.send("endless", task_id=task)
        await harness.until(lambda: running.run_id in handlers.started, "the run goes on")
        waiting = await harness.send("endless", task_id=task)
        for lane in ("live", "background"):
            await harness.send_raw(encode(Cancel(task_id=task)), task, lane)
        await harness.all_finished([running, waiting])
        ends = harness.finished()
        assert {ends[run.run_id].outcome for run in (running, waiting)} == {"cancelled"}
        assert ends[waiting.run_id].started_at is None
        assert other.run_id not in ends
        assert harness.dead_letters == []
        assert handlers.started == [other.run_id, running.run_id]


async def test_one_run_can_be_cancelled_and_the_next_one_starts(harness: ExecutorHarness) -> None:
    handlers = Endless()
    async with harness.executor(handlers.registry, executor_concurrency=1, drain_seconds=1):
        task = harness.task_in()
        first, second = await harness.send("endless", task_id=task), await harness.send("endless", task_id=task)
        await harness.until(lambda: handlers.started == [first.run_id], "the first goes on")
        await harness.send_raw(encode(Cancel(task_id=task, run_id=first.run_id)), task)
        await harness.until(lambda: handlers.started == [first.run_id, second.run_id], "the second goes on")
        await harness.all_finished([first])
        assert second.run_id not in harness.finished()
        assert harness.finished()[first.run_id].error is not None
