"""The gates of tasks on a real Kafka: what each overlap policy does and says, and that no change of owner opens one."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from tasker_core.messages import Cancel, Overlap, Policy, Run, encode
from tasker_core.topics import PARTITIONS
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.scheduling.overlap import MAX_QUEUED
from tasker_executor.testing.executor import ExecutorHarness


class Doors:
    """`door` ends when its run is let go; notes in which order runs began and how many of a task ran at once."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.together: dict[str, set[str]] = {}
        self.overlapped: list[str] = []
        self._open: dict[str, asyncio.Event] = {}
        self.all_open = False
        self.registry = LocalHandlers(quick={"default": lambda _: None}, slow={"door": self.door})

    async def door(self, run: Run) -> object:
        self.begun.append(run.run_id)
        now = self.together.setdefault(run.task_id, set())
        self.overlapped += [run.run_id] if now else []
        now.add(run.run_id)
        try:
            if not self.all_open:
                await self._open.setdefault(run.run_id, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.stopped.append(run.run_id)
            raise
        finally:
            now.discard(run.run_id)
        return None

    def let_go(self, *runs: Run) -> None:
        for run in runs:
            self._open.setdefault(run.run_id, asyncio.Event()).set()

    def open(self) -> None:
        self.all_open = True
        for event in self._open.values():
            event.set()


class Gate:
    """One task on a harness, whose runs are all under one policy."""

    def __init__(self, harness: ExecutorHarness, overlap: Overlap, partition: int = -1) -> None:
        self.harness, self.policy, self.task_id = harness, Policy(overlap=overlap), harness.task_in(partition)

    async def send(self, handler: str = "door") -> Run:
        return await self.harness.send(handler, task_id=self.task_id, policy=self.policy)


def told(harness: ExecutorHarness, run: Run) -> tuple[str, str, str]:
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
    doors, gate, before = Doors(), Gate(harness, "skip"), counted("skip", "skip")
    async with harness.executor(doors.registry):
        first = await gate.send()
        await harness.until(lambda: doors.begun, "the first one is under way")
        second, quick = await gate.send(), await gate.send("default")
        await harness.all_finished([second, quick])
        for run in (second, quick):
            outcome, kind, message = told(harness, run)
            assert (outcome, kind) == ("skipped", "overlap")
            assert first.run_id in message
            assert first.nominal_at in message
            assert "overlap is skip" in message
            assert harness.finished()[run.run_id].started_at is None
        doors.let_go(first)
        await harness.all_finished([first])
        third = await gate.send()
        doors.let_go(third)
        await harness.all_finished([third])
    assert [told(harness, run)[0] for run in (first, third)] == ["succeeded"] * 2
    assert doors.begun == [first.run_id, third.run_id]
    assert counted("skip", "skip") == before + 2
    assert not harness.dead_letters


async def test_allow_runs_side_by_side(harness: ExecutorHarness) -> None:
    doors, gate = Doors(), Gate(harness, "allow")
    async with harness.executor(doors.registry):
        runs = [await gate.send() for _ in range(3)]
        await harness.until(lambda: len(doors.begun) == 3, "all three are under way")
        doors.open()
        await harness.all_finished(runs)
    assert len(doors.overlapped) == 2


async def test_queue_one_keeps_the_first_that_waits(harness: ExecutorHarness) -> None:
    doors, gate = Doors(), Gate(harness, "queue_one")
    async with harness.executor(doors.registry):
        first = await gate.send()
        await harness.until(lambda: doors.begun, "the first one is under way")
        second, third = await gate.send(), await gate.send()
        await harness.all_finished([third])
        outcome, kind, message = told(harness, third)
        assert (outcome, kind) == ("skipped", "overlap")
        assert second.run_id in message
        doors.open()
        await harness.all_finished([first, second])
    assert doors.begun == [first.run_id, second.run_id]
    assert doors.overlapped == []


async def test_queue_all_runs_a_hundred_in_order_and_skips_what_is_beyond(harness: ExecutorHarness) -> None:
    doors, gate = Doors(), Gate(harness, "queue_all")
    async with harness.executor(doors.registry):
        runs = [await gate.send() for _ in range(MAX_QUEUED + 3)]
        beyond = runs[MAX_QUEUED + 1 :]
        await harness.all_finished(beyond)
        doors.open()
        await harness.all_finished(runs)
    assert [told(harness, run)[:2] for run in beyond] == [("skipped", "overlap")] * 2
    assert doors.begun == [run.run_id for run in runs[: MAX_QUEUED + 1]]
    assert doors.overlapped == []
    assert set(harness.ends().values()) == {1}


async def test_replace_cancels_what_is_under_way_and_starts_when_it_has_ended(harness: ExecutorHarness) -> None:
    doors, gate = Doors(), Gate(harness, "replace")
    async with harness.executor(doors.registry):
        first = await gate.send()
        await harness.until(lambda: doors.begun, "the first one is under way")
        second = await gate.send()
        await harness.until(lambda: len(doors.begun) == 2, "the second one is under way")
        older = await harness.send(
            "door",
            task_id=gate.task_id,
            policy=gate.policy,
            effective_at=first.effective_at,
            attempt=2,
            lane="background",
        )
        await harness.all_finished([first, older])
        doors.open()
        await harness.all_finished([second])
    outcome, kind, message = told(harness, first)
    assert (outcome, kind) == ("cancelled", "replaced")
    assert second.run_id in message
    assert told(harness, second)[0] == "succeeded"
    outcome, kind, message = told(harness, older)
    assert (outcome, kind) == ("skipped", "overlap")
    assert "attempt 2" in message
    assert second.run_id in message
    assert doors.begun == [first.run_id, second.run_id]
    assert doors.overlapped == []


async def test_a_cancel_hits_what_waits_at_the_gate_and_what_comes_later_still_runs(harness: ExecutorHarness) -> None:
    doors, gate = Doors(), Gate(harness, "queue_all")
    async with harness.executor(doors.registry):
        runs = [await gate.send() for _ in range(4)]
        await harness.until(lambda: doors.begun, "the first one is under way")
        await harness.send_raw(encode(Cancel(task_id=gate.task_id, run_id=runs[2].run_id)), gate.task_id)
        await harness.all_finished([runs[2]])
        assert told(harness, runs[2])[:2] == ("cancelled", "cancelled")
        assert harness.finished()[runs[2].run_id].started_at is None
        await harness.send_raw(encode(Cancel(task_id=gate.task_id)), gate.task_id)
        later = await gate.send()
        await harness.all_finished(runs)
        await harness.until(lambda: later.run_id in doors.begun, "what came after the cancel starts")
        doors.open()
        await harness.all_finished([later])
    assert {told(harness, run)[0] for run in runs} == {"cancelled"}
    assert doors.begun == [runs[0].run_id, later.run_id]
    assert told(harness, later)[0] == "succeeded"


async def test_what_goes_on_after_its_attempt_keeps_the_gate_closed_and_a_cancel_does_not_wait_for_it(
    harness: ExecutorHarness,
) -> None:
    doors, gate = Doors(), Gate(harness, "queue_all")
    lingering, thread = LingeringThreads(), asyncio.get_running_loop().create_future()

    async def lingers(run: Run) -> object:
        lingering.add(run.run_id, thread)
        return None

    doors.registry.slow["lingers"] = lingers
    async with harness.executor(doors.registry, lingering_threads=lingering):
        first = await gate.send("lingers")
        await harness.all_finished([first])
        second, third = await gate.send(), await gate.send()
        await harness.until(lambda: waiting() == 2, "both wait")
        await harness.send_raw(encode(Cancel(task_id=gate.task_id, run_id=second.run_id)), gate.task_id)
        await harness.send_raw(encode(Cancel(task_id=gate.task_id, run_id=first.run_id)), gate.task_id)
        await harness.all_finished([second])
        assert doors.begun == []
        thread.set_result(None)
        doors.open()
        await harness.all_finished([third])
    assert [told(harness, run)[0] for run in (first, second, third)] == ["succeeded", "cancelled", "succeeded"]
    assert doors.begun == [third.run_id]
    assert set(harness.ends().values()) == {1}


@pytest.mark.parametrize("overlap", ["skip", "queue_one", "queue_all", "replace"])
async def test_gates_hold_through_a_rebalance_and_are_rebuilt_by_the_next_owner(
    harness: ExecutorHarness, overlap: Overlap
) -> None:
    first, second = Doors(), Doors()
    gates = [Gate(harness, overlap, partition) for partition in range(PARTITIONS)]
    async with harness.executor(first.registry):
        begun = [await gate.send() for gate in gates]
        await harness.until(lambda: len(first.begun) == PARTITIONS, "a run of each task is under way")
        behind = [await gate.send() for gate in gates] if overlap in ("queue_one", "queue_all") else []
        async with harness.executor(second.registry):
            await harness.until(lambda: len(second.begun) == PARTITIONS / 2, "the second one has its half")
            await harness.until(lambda: len(first.stopped) == PARTITIONS / 2, "the first one has left it")
            assert set(second.begun) == set(first.stopped)
            more = [await gate.send() for gate in gates]
            if overlap == "replace":
                await harness.all_finished(begun)
                await harness.until(lambda: len(first.begun) + len(second.begun) == 30, "the later ones have begun")
            elif overlap != "queue_all":
                await harness.all_finished(more)
            second.open()
            first.open()
            await harness.all_finished([*begun, *behind, *more])
    ends = harness.finished()
    outcomes = [{ends[run.run_id].outcome for run in runs} for runs in (begun, behind, more)]
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
