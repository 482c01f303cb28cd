"""What many runs call gets no more than its per_host, and what waits for it holds nobody else up."""

import asyncio
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Run
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.http.target_host import called_host
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.scheduling.fair_queue import may_start
from tasker_executor.scheduling.host_limits import HostLimits
from tasker_executor.scheduling.slots import Slots
from tasker_executor.testing.executor_harness import ExecutorHarness
from tasker_executor.testing.target_server import run_of


class Model:
    """Limits of 2 (in the background of 1) in front of slots; `started` are the runs that execute."""

    def __init__(self, slots: int = 6, per_host: int = 2) -> None:
        self.started: list[Job] = []
        self.limits = HostLimits(Slots(slots, self.started.append), called, per_host)
        self.partitions: dict[Lane, LanePartition] = {
            "live": self._partition("live"),
            "background": self._partition("background"),
        }
        self.limits.resume()

    def add(self, task_id: str, host: str | None, lane: Lane = "live") -> Job:
        value = msgspec.json.encode(host)
        run = run_of(host, task_id=task_id)
        job = Job(self.partitions[lane], Record("", 0, 0, 0, None, value, ()), run, 0, 1)
        self.limits.add(job)
        return job

    def end(self, job: Job) -> None:
        self.started.remove(job)
        self.limits.release(job)

    def lose(self, lane: Lane) -> None:
        """The partition goes: what runs of it is cancelled, and a new owner begins."""
        lost = self.partitions[lane]
        lost.abandoned = True
        self.partitions[lane] = self._partition(lane)
        self.limits.pause()
        for job in [job for job in self.started if job.partition is lost]:
            self.end(job)
        self.limits.resume()

    @staticmethod
    def _partition(lane: Lane) -> LanePartition:
        return LanePartition(lane, OffsetTracker(None))


def called(run: Run) -> str | None:
    return msgspec.json.decode(run.payload)


def test_the_others_wait_in_turns_and_without_a_slot() -> None:
    model = Model()
    hanging = [model.add(task_id, "slow") for task_id in "abccab"]
    assert model.started == hanging[:2]
    others = [model.add("d", "quick"), model.add("e", None), model.add("f", None)]
    assert model.started == [*hanging[:2], *others]
    assert (model.limits.waiting("live"), model.limits.waiting("background")) == (4, 0)
    assert set(model.limits.first_waiting("live")) == {hanging[2], hanging[4], hanging[5]}
    model.end(hanging[0])
    assert hanging[2] in model.started
    model.end(hanging[1])
    assert hanging[4] in model.started  # the turn of another task, before the second one of the last
    assert hanging[3] not in model.started


def test_a_task_whose_calls_hang_leaves_a_part_of_the_limit_to_the_next_task() -> None:
    model = Model(slots=100, per_host=8)
    hanging = [model.add("a", "slow") for _ in range(20)]
    assert model.started == hanging[:4]
    assert model.add("b", "slow") in model.started
    assert model.add("c", "slow") in model.started
    last = [model.add("b", "slow"), model.add("d", "slow"), model.add("e", "slow")]
    assert [job in model.started for job in last] == [True, True, False]
    model.end(hanging[0])
    assert last[2] in model.started
    for job in [job for job in model.started if job not in hanging]:
        model.end(job)
    assert [job for job in model.started if job in hanging] == hanging[1:5]
    assert model.limits.waiting("live") == 15


def test_what_waits_for_a_slot_does_not_keep_others_from_the_host() -> None:
    model = Model(slots=6, per_host=20)
    crowd = [model.add("a", "slow") for _ in range(40)]
    assert model.started == crowd[:3]
    assert model.add("b", "slow") in model.started


def test_the_lanes_have_a_limit_each() -> None:
    model = Model()
    background = [model.add(task_id, "slow", "background") for task_id in "abc"]
    live = [model.add(task_id, "slow") for task_id in "abc"]
    assert model.started == [background[0], *live[:2]]


def test_who_is_cancelled_while_it_waits_is_removed() -> None:
    model = Model()
    first, second, third, fourth = (model.add(name, "slow") for name in "abcd")
    assert model.limits.remove(third)
    assert not model.limits.remove(third)
    assert not model.limits.remove(first)  # it executes
    model.end(second)
    assert model.started == [first, fourth]
    assert model.limits.waiting("live") == model.partitions["live"].read_ahead.waiting == 0


def test_all_that_waits_for_one_host_counts_as_one_task() -> None:
    model = Model()
    for n in range(1_000):
        model.add(f"task-{n}", "slow")
    read_ahead = model.partitions["live"].read_ahead
    assert read_ahead.waiting == 998
    assert read_ahead.has_capacity(200)


@given(st.lists(st.tuples(st.sampled_from("aecrlb"), st.integers(0, 40)), max_size=120))
def test_nothing_is_lost_and_no_limit_is_exceeded(steps: list[tuple[str, int]]) -> None:
    model, open_jobs = Model(), list[Job]()
    for step, number in steps:
        waiting = [job for job in open_jobs if job not in model.started]
        if step in "ae":
            lane: Lane = "live" if step == "a" else "background"
            open_jobs.append(model.add(f"t{number % 5}", (None, "x", "y")[number % 3], lane))
        elif step == "c" and waiting:
            job = waiting[number % len(waiting)]
            assert model.limits.remove(job)
            open_jobs.remove(job)
        elif step == "r" and model.started:
            job = model.started[number % len(model.started)]
            model.end(job)
            open_jobs.remove(job)
        elif step in "lb":
            model.lose("live" if step == "l" else "background")
            open_jobs = [job for job in open_jobs if not job.partition.abandoned]
        busy = Counter((job.lane, called(job.run)) for job in model.started)
        assert all(n <= (2 if lane == "live" else 1) for (lane, host), n in busy.items() if host)
        assert set(model.started) <= set(open_jobs)
        assert len(open_jobs) - len(model.started) == sum(model.limits.waiting(lane) for lane in model.partitions)
        assert sum(partition.read_ahead.waiting for partition in model.partitions.values()) == len(open_jobs) - len(
            model.started
        )
    while model.started:
        job = model.started[0]
        model.end(job)
        open_jobs.remove(job)
    assert not open_jobs


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcd")), max_size=80))
def test_nobody_waits_for_a_host_who_might_call_it(steps: list[tuple[bool, str]]) -> None:
    per_host, model, waiting = 5, Model(slots=100, per_host=5), list[Job]()
    for comes, task_id in steps:
        over = next((job for job in model.started if job.run.task_id == task_id), None)
        if comes:
            waiting.append(model.add(task_id, "x"))
        elif over is not None:
            model.end(over)
        waiting = [job for job in waiting if job not in model.started]
        held = Counter(job.run.task_id for job in model.started)
        free = per_host - held.total()
        assert not any(may_start(held[job.run.task_id], free) for job in waiting)


@pytest.mark.parametrize(
    ("payload", "host"),
    [
        ("http://Example.com/a", "//example.com:80"),
        ({"url": "https://example.com:8443/?b", "method": "PUT"}, "//example.com:8443"),
        ("https://user:secret://name@example.com", "//example.com:443"),
        ("http://[::1]:8080/", "//::1:8080"),
        ("ftp://example.com/", None),
        ("http://example.com:port/", None),
        ("http://", None),
        ({"uri": "x"}, None),
        (5, None),
        (None, None),
    ],
)
def test_what_a_run_calls(payload: object, host: str | None) -> None:
    assert called_host(run_of(payload)) == host


async def test_a_host_that_hangs_delays_no_run_that_calls_another(harness: ExecutorHarness) -> None:
    started, released = list[str](), asyncio.Event()

    async def hang(run: Run) -> object:
        started.append(run.run_id)
        return await released.wait()

    async def quick(_: Run) -> object:
        return True

    handlers = LocalHandlers(slow={"hang": hang, "quick": quick}, hosts={"hang": lambda _: "the slow one"})
    async with harness.executor(handlers, executor_concurrency=4, executor_per_host=2):
        hanging = [await harness.send("hang", partition=n % 3) for n in range(30)]
        await harness.until(lambda: len(started) == 2, "two hang")
        others = [await harness.send("quick", partition=n % 3) for n in range(30)]
        await harness.all_finished(others)
        assert len(started) == 2
        released.set()
        await harness.all_finished(hanging)


def test_runs_that_call_no_limited_host_are_bounded_by_the_slots_alone() -> None:
    model = Model(slots=6, per_host=2)
    started = [model.add(task_id, None) for task_id in "abcdef"]
    assert model.started == started


def test_a_run_that_is_removed_while_it_waits_for_a_slot_leaves_its_part_of_the_limit_to_the_next() -> None:
    model = Model(slots=2, per_host=4)
    busy = [model.add("x", None), model.add("y", None)]
    passed = [model.add("a", "slow"), model.add("a", "slow")]
    queued = model.add("a", "slow")
    assert model.limits.remove(passed[0])
    for job in busy:
        model.end(job)
    assert model.started == [passed[1]]
    model.end(passed[1])
    assert model.started == [queued]


def test_runs_of_an_abandoned_partition_neither_start_nor_hold_a_part_of_the_limit() -> None:
    model = Model(slots=2, per_host=4)
    busy = [model.add("x", None, "background"), model.add("y", None)]
    waiting = [model.add("a", "slow") for _ in range(4)]  # two of them for a slot, two for the host
    model.end(busy[1])
    assert model.started == [busy[0], waiting[0]]
    model.lose("live")
    assert (model.started, model.limits.waiting("live")) == ([busy[0]], 0)
    following = [model.add("a", "slow") for _ in range(3)]
    model.end(busy[0])
    for job in following:
        assert model.started == [job]
        model.end(job)


def test_what_comes_during_a_pause_waits_until_it_is_over() -> None:
    model = Model()
    assert model.limits.open
    model.limits.pause()
    assert not model.limits.open
    job = model.add("a", "slow")
    assert model.started == []
    model.limits.resume()
    assert model.started == [job]
    assert model.limits.busy == {"live": 1, "background": 0}


def test_when_closed_nothing_starts_any_more() -> None:
    model = Model()
    model.limits.close()
    model.add("a", "slow")
    model.limits.resume()
    assert (model.limits.open, model.started) == (False, [])


def test_runs_of_an_abandoned_partition_wait_no_longer_for_a_host_that_others_still_call() -> None:
    model = Model()
    calling = [model.add("a", "slow"), model.add("b", "slow")]
    model.partitions["live"] = LanePartition("live", OffsetTracker(None))
    abandoned = model.add("c", "slow")
    model.lose("live")
    assert model.limits.waiting("live") == 0
    following = model.add("d", "slow")
    for job in calling:
        model.end(job)
    assert abandoned.partition.read_ahead.waiting == 0
    assert model.started == [following]


def test_the_end_of_one_call_may_let_runs_of_two_tasks_start() -> None:
    model = Model(per_host=3)
    first, second, of_a, of_b = (model.add(task_id, "slow") for task_id in "abab")
    assert model.started == [first, second]
    model.end(second)
    assert set(model.started) == {first, of_a, of_b}
