"""One task with ten thousand runs: its neighbours, in the same partition too, are as quick as without it."""

import asyncio

from tasker_core.messages import Run
from tasker_core.topics import PARTITIONS
from tasker_executor.handlers.local_handlers import Registry
from tasker_executor.testing.executor import Trial

MANY = 10_000
HOME = 5
SLOTS = 20


class Crowd:
    """`crowd` waits until `opened`, `brief` returns at once."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.now = self.most = 0
        self.registry = Registry(quick={"default": lambda _: None}, slow={"crowd": self.crowd, "brief": self.brief})

    async def crowd(self, _: Run) -> object:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.opened.wait()
        finally:
            self.now -= 1
        return None

    async def brief(self, _: Run) -> object:
        return None


async def test_ten_thousand_runs_of_one_task_starve_nobody(trial: Trial) -> None:
    crowd, task_id = Crowd(), trial.task_in(HOME)
    many = await asyncio.gather(*(trial.send("crowd", task_id=task_id) for _ in range(MANY)))
    others = [await trial.send("brief", partition=HOME) for _ in range(30)]  # all behind it in the log
    others += [await trial.send("default", partition=HOME) for _ in range(30)]
    others += [await trial.send("brief", partition=p, lane="background") for p in range(PARTITIONS)]
    async with trial.executor(crowd.registry, executor_concurrency=SLOTS) as health:
        await trial.all_finished(others)
        assert trial.ends().keys().isdisjoint({run.run_id for run in many})
        assert crowd.most == SLOTS / 2
        late = [await trial.send("brief", partition=HOME) for _ in range(10)]
        await trial.all_finished(late)
        assert health.report()[1]
    # what waited is begun again by whoever comes next, and nothing that was told is done again
    told = trial.ends()
    async with trial.executor(crowd.registry, executor_concurrency=SLOTS):
        await trial.until(lambda: crowd.now == SLOTS / 2, "they are under way again")
        crowd.opened.set()
        await trial.all_finished(many)
    assert crowd.most == SLOTS / 2
    assert {run_id: trial.ends()[run_id] for run_id in told} == told
    assert set(trial.ends().values()) == {1}
    assert not trial.dead_letters
