"""One task with ten thousand runs: its neighbours, in the same partition too, are as quick as without it."""

import asyncio

from tasker_core.messages.runs import Run
from tasker_core.topics import PARTITIONS
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.testing.executor_harness import ExecutorHarness

MANY = 10_000
HOME = 5
SLOTS = 20


class Crowd:
    """`crowd` waits until `released`, `brief` returns at once."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.now = self.most = 0
        self.handlers = LocalHandlers(
            quick={"default": lambda _: None}, slow={"crowd": self.crowd, "brief": self.brief}
        )

    async def crowd(self, _: Run) -> object:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.released.wait()
        finally:
            self.now -= 1
        return None

    async def brief(self, _: Run) -> object:
        return None


async def test_ten_thousand_runs_of_one_task_starve_nobody(harness: ExecutorHarness) -> None:
    crowd, task_id = Crowd(), harness.task_in(HOME)
    many = await asyncio.gather(*(harness.send("crowd", task_id=task_id) for _ in range(MANY)))
    others = [await harness.send("brief", partition=HOME) for _ in range(30)]  # all behind it in the log
    others += [await harness.send("default", partition=HOME) for _ in range(30)]
    others += [await harness.send("brief", partition=p, lane="background") for p in range(PARTITIONS)]
    async with harness.executor(crowd.handlers, executor_concurrency=SLOTS) as health:
        await harness.all_finished(others)
        assert harness.ends().keys().isdisjoint({run.run_id for run in many})
        assert crowd.most == SLOTS / 2
        late = [await harness.send("brief", partition=HOME) for _ in range(10)]
        await harness.all_finished(late)
        assert health.report()[1]
    # the next executor starts again what waited, and nothing that was reported
    ends = harness.ends()
    async with harness.executor(crowd.handlers, executor_concurrency=SLOTS):
        await harness.until(lambda: crowd.now == SLOTS / 2, "they execute again")
        crowd.released.set()
        await harness.all_finished(many)
    assert crowd.most == SLOTS / 2
    assert {run_id: harness.ends()[run_id] for run_id in ends} == ends
    assert set(harness.ends().values()) == {1}
    assert not harness.dead_letters
