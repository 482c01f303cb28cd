"""Runs in flight: which ones are active or queued, which ones a cancel means, and what is left when a partition is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tasker_core.kafka_record import Record
from tasker_core.messages.runs import Cancel
from tasker_executor.execution.outcome import cancelled, replaced
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.partition.priority_lanes import Lane
from tasker_executor.scheduling.cancels import CLEARLY_OLDER_MS
from tasker_executor.scheduling.in_flight import InFlightRuns
from tasker_executor.testing.target_server import run_of

NOON = 1_767_268_800_000
CANCEL = Cancel(task_id="t")


def record_in(lane: Lane, at: int = 0, partition: int = 0) -> Record:
    return Record(lane, partition, 0, NOON + at, None, b"12345", ())


def partition_of(lane: Lane = "live") -> LanePartition:
    return LanePartition(lane, OffsetTracker(None))


def job_of(partition: LanePartition | None = None, *, at: int = 0, number: int = 0, **fields: Any) -> Job:
    """A run of the task `t`, whose record was written `at` milliseconds after noon."""
    owner = partition or partition_of()
    return Job(owner, record_in(owner.lane, at, number), run_of(None, **fields), NOON, 60.0)


class Executing:
    """Tasks that go on until they are cancelled."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(self._wait()))
        return self.tasks[-1]

    @staticmethod
    async def _wait() -> None:
        await asyncio.Event().wait()


@pytest.fixture
async def executing() -> AsyncIterator[Executing]:
    executing = Executing()
    yield executing
    for task in executing.tasks:
        task.cancel()
    await asyncio.gather(*executing.tasks, return_exceptions=True)


def test_a_run_is_active_or_queued_until_it_is_removed() -> None:
    in_flight, active, queued = InFlightRuns(), job_of(), job_of()
    assert (in_flight.active("t"), in_flight.queued("t"), in_flight.queue_length) == ([], [], 0)
    in_flight.add(active)
    in_flight.enqueue(queued)
    assert (in_flight.active("t"), in_flight.queued("t"), in_flight.queue_length) == ([active], [queued], 1)
    in_flight.remove(active)
    assert in_flight.dequeue(queued)
    assert (in_flight.active("t"), in_flight.queued("t"), in_flight.queue_length) == ([], [], 0)


def test_to_remove_what_is_not_there_is_harmless() -> None:
    in_flight, active, other = InFlightRuns(), job_of(), job_of()
    in_flight.add(active)
    in_flight.remove(other)
    assert not in_flight.dequeue(active)
    assert not in_flight.dequeue(other)
    assert (in_flight.active("t"), in_flight.queue_length) == ([active], 0)


def test_queued_runs_follow_one_at_a_time_in_their_order_once_none_is_active() -> None:
    in_flight, active = InFlightRuns(), job_of()
    queued = [job_of() for _ in range(3)]
    in_flight.add(active)
    for job in queued:
        in_flight.enqueue(job)
    assert in_flight.tasks_with_queue() == ["t"]
    assert in_flight.pop_next("t") is None
    in_flight.remove(active)
    assert [in_flight.pop_next("t") for _ in range(4)] == [*queued, None]
    assert in_flight.tasks_with_queue() == []
    assert in_flight.pop_next("other") is None


def test_a_queued_run_counts_as_waiting_in_its_partition() -> None:
    in_flight, job = InFlightRuns(), job_of()
    in_flight.enqueue(job)
    assert (job.partition.read_ahead.waiting, job.partition.read_ahead.size) == (1, 5)
    assert in_flight.pop_next("t") is job
    assert (job.partition.read_ahead.waiting, job.partition.read_ahead.size) == (0, 0)


async def test_only_a_run_that_executes_is_stopped_and_its_first_outcome_stands(executing: Executing) -> None:
    in_flight, waiting, job, other = InFlightRuns(), job_of(), job_of(), job_of()
    task, other_task = executing.start(), executing.start()
    in_flight.add(waiting)
    in_flight.add(job, task)
    in_flight.add(other, other_task)
    assert not in_flight.stop(waiting, cancelled())
    assert not in_flight.stop(job_of(task_id="unknown"), cancelled())
    assert in_flight.stop_outcome(waiting) is None
    assert in_flight.stop_outcome(job) is None
    assert in_flight.stop(job, cancelled())
    assert in_flight.stop(job, replaced(other.run))
    assert (in_flight.stop_outcome(job), in_flight.stop_outcome(other)) == (cancelled(), None)
    assert (task.cancelling(), other_task.cancelling()) == (1, 0)
    in_flight.remove(job)
    assert in_flight.stop_outcome(job) is None


async def test_a_lost_partition_takes_along_its_runs_that_wait_and_leaves_those_that_execute(
    executing: Executing,
) -> None:
    in_flight, lost, kept = InFlightRuns(), partition_of(), partition_of("background")
    executes = job_of(lost)
    waiting = {job_of(lost): job_of(kept), job_of(lost, task_id="u"): job_of(kept, task_id="u")}
    queued = {job_of(lost): job_of(kept), job_of(lost, task_id="u"): job_of(kept, task_id="u")}
    in_flight.add(executes, executing.start())
    for job in (*waiting, *waiting.values()):
        in_flight.add(job)
    for job in (*queued, *queued.values()):
        in_flight.enqueue(job)
    in_flight.forget(lost)
    staying, staying_of_u = waiting.values()
    assert (in_flight.active("t"), in_flight.active("u")) == ([executes, staying], [staying_of_u])
    assert [*in_flight.queued("t"), *in_flight.queued("u")] == list(queued.values())
    assert (in_flight.queue_length, lost.read_ahead.waiting, kept.read_ahead.waiting) == (2, 0, 2)
    in_flight.forget(kept)
    assert (in_flight.active("t"), in_flight.active("u"), in_flight.queue_length) == ([executes], [], 0)


async def test_a_cancel_means_the_unfinished_runs_of_its_task_the_queued_ones_first(executing: Executing) -> None:
    in_flight = InFlightRuns()
    executes, waits, queued, of_another = job_of(), job_of(), job_of(), job_of(task_id="u")
    in_flight.add(executes, executing.start())
    in_flight.add(waits)
    in_flight.add(of_another)
    in_flight.enqueue(queued)
    assert in_flight.matching(CANCEL, record_in("live")) == [queued, executes, waits]
    assert in_flight.matching(Cancel(task_id="unknown"), record_in("live")) == []


def test_a_cancel_of_one_run_means_all_its_attempts_and_no_other_run() -> None:
    in_flight = InFlightRuns()
    first, second, other = job_of(run_id="r"), job_of(run_id="r", attempt=2), job_of(run_id="s")
    in_flight.add(first)
    in_flight.add(other)
    in_flight.enqueue(second)
    assert in_flight.matching(Cancel(task_id="t", run_id="r"), record_in("live")) == [second, first]


async def test_a_cancel_means_no_run_that_has_ended_nor_one_of_another_member(executing: Executing) -> None:
    in_flight, abandoned, ended = InFlightRuns(), job_of(), job_of()
    abandoned.partition.abandoned = True
    task = executing.start()
    in_flight.add(abandoned)
    in_flight.add(ended, task)
    assert in_flight.matching(CANCEL, record_in("live")) == [ended]
    task.cancel()
    await asyncio.wait({task})
    assert in_flight.matching(CANCEL, record_in("live")) == []


@pytest.mark.parametrize(
    ("lane", "partition", "older_ms", "meant"),
    [
        ("live", 0, 0, True),
        ("live", 0, -5, True),  # it was read before the cancel, whatever the clocks say
        ("live", 1, 60_000, False),
        ("background", 0, CLEARLY_OLDER_MS + 1, True),
        ("background", 0, CLEARLY_OLDER_MS, False),
        ("background", 0, -60_000, False),
        ("background", 1, 60_000, False),
    ],
)
def test_a_cancel_means_what_was_emitted_before_it(lane: Lane, partition: int, older_ms: int, meant: bool) -> None:
    in_flight = InFlightRuns()
    job = job_of(partition_of(lane), at=-older_ms, number=partition)
    in_flight.add(job)
    assert in_flight.matching(CANCEL, record_in("live")) == ([job] if meant else [])
