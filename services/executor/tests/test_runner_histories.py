"""The runner over any history of runs, cancels, ends and changes of owner: no run is lost, nothing stays shut."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.messages import Overlap, RetryPolicy, Run
from tasker_executor.partition.lanes import LANES, Lane
from tasker_executor.testing.runner import Rehearsal

POLICIES: dict[str, Overlap] = {
    "a": "allow",
    "b": "skip",
    "c": "queue_one",
    "d": "queue_all",
    "e": "replace",
}
SLOTS = 3
tasks = st.sampled_from(list(POLICIES))
lanes = st.sampled_from(LANES)
happening = st.one_of(
    st.tuples(st.just("run"), tasks, lanes, st.sampled_from(["door", "door", "stubborn", "default"]), st.booleans()),
    st.tuples(st.just("end"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("cancel"), tasks, st.booleans()),
    st.tuples(st.just("hold back"), lanes),
    st.tuples(st.just("read on"), lanes),
    st.tuples(st.just("acknowledge")),
    st.tuples(st.just("keep")),
    st.tuples(st.just("lose"), st.sampled_from([("live",), ("background",), LANES])),
)
steps_of_a_history = st.lists(st.tuples(happening, st.sampled_from([0, 1, 2, 3, 4, 5, 6, 12])), max_size=40)


class History:
    """What happened so far. Time goes on by ten seconds with each record."""

    def __init__(self) -> None:
        self.stage = Rehearsal(SLOTS, per_host=2, place=lambda run: run.task_id if run.task_id in "ad" else None)
        self.runs: list[Run] = []
        self.emitted: dict[str, int] = {}
        self.cancelled_at: dict[str, list[int]] = {}
        self.now = self.losses = 0
        self.over: dict[str, int] = {}

    def run(self, task_id: str, lane: Lane, handler: str, again: bool) -> None:
        retry = RetryPolicy(max_attempts=2) if again else None
        self.now += 1
        run = self.stage.run(task_id, POLICIES[task_id], lane, handler=handler, retry=retry, at=self.now * 10_000)
        self.runs.append(run)
        self.emitted[run.run_id] = self.now

    def cancel(self, task_id: str, one: bool) -> None:
        mine = [run.run_id for run in self.runs if run.task_id == task_id]
        run_id = mine[-1] if one and mine else None
        self.now += 1
        for hit in mine if run_id is None else [run_id]:
            self.cancelled_at.setdefault(hit, []).append(self.now)
        self.stage.cancel(*LANES, task_id=task_id, run_id=run_id, at=self.now * 10_000)
        if not self.stage.held_back:
            self.over |= {
                hit: self.stage.begun.count(hit) for hit in self.cancelled_at if self.now in self.cancelled_at[hit]
            }

    def end(self, number: int, well: bool) -> None:
        if open_ones := self.stage.open_doors():
            self.stage.open_door(open_ones[number % len(open_ones)], None if well else OSError("no"))

    async def check(self) -> None:
        stage = self.stage
        assert not any(POLICIES[task_id] != "allow" for task_id in stage.overlapped), stage.overlapped
        assert all(begun <= 1 + self.losses for begun in Counter(stage.begun).values())
        assert all(stage.begun.count(run_id) == times for run_id, times in self.over.items())
        assert stage.jobs <= SLOTS
        for lane in LANES:
            progress = stage.feeds[lane].offsets.progress()
            passed = () if progress is None else set(range(progress.read_to)).difference(progress.unfinished)
            assert all(stage.offsets[lane].get(at) in (None, *stage.results.written) for at in passed)
        assert not stage.runner.broken.done()

    async def to_the_end(self) -> None:
        stage = self.stage
        for lane in LANES:
            stage.read(lane)
        for _ in range(4 * len(self.runs) + 4):
            await stage.told()
            for run_id in stage.open_doors():
                stage.open_door(run_id)
            await self.check()
        ends = await stage.told()
        assert ends.keys() == {run.run_id for run in self.runs}
        for run_id, end in ends.items():
            if end.error is not None and end.error.kind == "cancelled":
                assert any(at > self.emitted[run_id] for at in self.cancelled_at[run_id])
        assert stage.jobs == stage.runner.queued == len(stage.runner.tasks) == 0
        for lane in LANES:
            assert stage.unfinished(lane) == []
            assert (
                stage.runner.slots.waiting(lane) == stage.feeds[lane].room.waiting == stage.feeds[lane].room.size == 0
            )


async def lived(steps: list[tuple[Any, int]]) -> None:
    history = History()
    stage = history.stage
    for (what, *how), turns in steps:
        match what:
            case "run":
                history.run(*how)
            case "end":
                history.end(*how)
            case "cancel":
                history.cancel(*how)
            case "hold back":
                stage.held_back.update(how)
            case "read on":
                stage.held_back.difference_update(how)
                stage.read(*how)
            case "acknowledge":
                stage.results.acknowledge()
            case "keep":
                stage.keep()
            case _:
                history.losses += 1
                history.over.clear()
                stage.lose(*how[0])
                for lane in how[0]:
                    if lane not in stage.held_back:
                        stage.read(lane)
        await stage.turns(turns)
        await history.check()
    await history.to_the_end()


@settings(max_examples=300)
@given(steps_of_a_history)
def test_over_any_history_nothing_is_lost_and_nothing_stays_shut(steps: list[tuple[Any, int]]) -> None:
    asyncio.run(lived(steps))
