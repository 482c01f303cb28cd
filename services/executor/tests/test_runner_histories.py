"""The runner over any history of runs, cancels, ends and changes of owner: no run is lost, nothing waits for ever."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tasker_core.messages.runs import Overlap, RetryPolicy, Run
from tasker_executor.partition.priority_lanes import LANES, Lane
from tasker_executor.testing.runner_harness import RunnerHarness

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
    st.tuples(
        st.just("run"), tasks, lanes, st.sampled_from(["blocking", "blocking", "stubborn", "default"]), st.booleans()
    ),
    st.tuples(st.just("end"), st.integers(0, 20), st.booleans()),
    st.tuples(st.just("cancel"), tasks, st.booleans()),
    st.tuples(st.just("pause lane"), lanes),
    st.tuples(st.just("resume lane"), lanes),
    st.tuples(st.just("acknowledge")),
    st.tuples(st.just("rebalance")),
    st.tuples(st.just("lose"), st.sampled_from([("live",), ("background",), LANES])),
)
steps_of_a_history = st.lists(st.tuples(happening, st.sampled_from([0, 1, 2, 3, 4, 5, 6, 12])), max_size=40)


class History:
    """What happened so far. Time goes on by ten seconds with each record."""

    def __init__(self) -> None:
        self.harness = RunnerHarness(
            SLOTS, per_host=2, called_host=lambda run: run.task_id if run.task_id in "ad" else None
        )
        self.runs: list[Run] = []
        self.emitted: dict[str, int] = {}
        self.cancelled_at: dict[str, list[int]] = {}
        self.now = self.losses = 0
        self.over: dict[str, int] = {}

    def run(self, task_id: str, lane: Lane, handler: str, again: bool) -> None:
        retry = RetryPolicy(max_attempts=2) if again else None
        self.now += 1
        run = self.harness.run(task_id, POLICIES[task_id], lane, handler=handler, retry=retry, at=self.now * 10_000)
        self.runs.append(run)
        self.emitted[run.run_id] = self.now

    def cancel(self, task_id: str, one: bool) -> None:
        mine = [run.run_id for run in self.runs if run.task_id == task_id]
        run_id = mine[-1] if one and mine else None
        self.now += 1
        for hit in mine if run_id is None else [run_id]:
            self.cancelled_at.setdefault(hit, []).append(self.now)
        self.harness.cancel(*LANES, task_id=task_id, run_id=run_id, at=self.now * 10_000)
        if not self.harness.paused_lanes:
            self.over |= {
                hit: self.harness.started.count(hit) for hit in self.cancelled_at if self.now in self.cancelled_at[hit]
            }

    def end(self, number: int, well: bool) -> None:
        if running := self.harness.running():
            self.harness.release(running[number % len(running)], None if well else OSError("no"))

    async def check(self) -> None:
        harness = self.harness
        assert not any(POLICIES[task_id] != "allow" for task_id in harness.overlapped), harness.overlapped
        assert all(started <= 1 + self.losses for started in Counter(harness.started).values())
        assert all(harness.started.count(run_id) == times for run_id, times in self.over.items())
        assert harness.busy_slots <= SLOTS
        finished = harness.results.finished_runs
        for lane in LANES:
            progress = harness.partitions[lane].offsets.progress()
            passed = () if progress is None else set(range(progress.read_to)).difference(progress.unfinished)
            assert all(harness.offsets[lane].get(at) in (None, *finished) for at in passed)
        assert not harness.tasks.failed.done()

    async def finish(self) -> None:
        harness = self.harness
        for lane in LANES:
            harness.read(lane)
        for _ in range(4 * len(self.runs) + 4):
            await harness.finished()
            for run_id in harness.running():
                harness.release(run_id)
            await self.check()
        ends = await harness.finished()
        assert ends.keys() == {run.run_id for run in self.runs}
        for run_id, end in ends.items():
            if end.error is not None and end.error.kind == "cancelled":
                assert any(at > self.emitted[run_id] for at in self.cancelled_at[run_id])
        assert harness.busy_slots == harness.runner.queue_length == len(harness.tasks.running) == 0
        for lane in LANES:
            assert harness.unfinished(lane) == []
            assert (
                harness.runner.slots.waiting(lane)
                == harness.partitions[lane].read_ahead.waiting
                == harness.partitions[lane].read_ahead.size
                == 0
            )


async def follow(history: History, steps: list[tuple[Any, int]]) -> None:
    harness = history.harness
    for (what, *how), iterations in steps:
        match what:
            case "run":
                history.run(*how)
            case "end":
                history.end(*how)
            case "cancel":
                history.cancel(*how)
            case "pause lane":
                harness.paused_lanes.update(how)
            case "resume lane":
                harness.paused_lanes.difference_update(how)
                harness.read(*how)
            case "acknowledge":
                harness.results.acknowledge()
            case "rebalance":
                harness.rebalance()
            case _:
                history.losses += 1
                history.over.clear()
                harness.lose(*how[0])
                for lane in how[0]:
                    if lane not in harness.paused_lanes:
                        harness.read(lane)
        await harness.iterate(iterations)
        await history.check()
    await history.finish()


async def play(steps: list[tuple[Any, int]]) -> None:
    history = History()
    try:
        await follow(history, steps)
    finally:  # where a check has failed, a handler that ignores its cancellation would let the test hang
        await history.harness.close()


@settings(max_examples=300)
@given(steps_of_a_history)
def test_over_any_history_nothing_is_lost_and_nothing_waits_for_ever(steps: list[tuple[Any, int]]) -> None:
    asyncio.run(play(steps))
