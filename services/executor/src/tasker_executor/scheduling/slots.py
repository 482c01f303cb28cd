"""PURE. How many runs execute at once, and which one starts next."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from tasker_core.messages.runs import Run
from tasker_executor.partition.priority_lanes import LANES, Lane, LaneBalancer
from tasker_executor.scheduling.fair_queue import FairQueue, decrement, may_start


class SlotCandidate(Protocol):
    """A run that wants a slot. `abandoned`: its partition is another member's now."""

    @property
    def run(self) -> Run: ...
    @property
    def lane(self) -> Lane: ...
    @property
    def abandoned(self) -> bool: ...

    def start_waiting(self, key: str) -> None:
        """It waits, and counts among those that wait with this key."""
        ...

    def stop_waiting(self, key: str) -> None:
        """It waits no longer with this key."""
        ...


J = TypeVar("J", bound=SlotCandidate)


class Slots(Generic[J]):
    """A number of slots, and for each lane the runs that wait for one; tasks take turns.

    While `is_held()`, none starts; who ends that calls `resume`.
    """

    def __init__(self, size: int, start: Callable[[J], None], is_held: Callable[[], bool] = lambda: False) -> None:
        self._is_held = is_held
        self._lanes, self._start = LaneBalancer(size), start
        self._waiting: dict[Lane, FairQueue[J]] = {lane: FairQueue() for lane in LANES}
        self._held_by_task = Counter[str]()
        self.busy: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self.open = self._closed = False

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane."""
        return len(self._waiting[lane])

    def first_waiting(self, lane: Lane) -> Iterator[J]:
        """Of each task that waits in a lane the run that came first."""
        return self._waiting[lane].first_of_each_task()

    def add(self, job: J) -> None:
        """Start a run as soon as there is a slot for it."""
        self._waiting[job.lane].add(job.run.task_id, job)
        job.start_waiting(job.run.task_id)
        self._fill()

    def remove(self, job: J) -> bool:
        """Remove a run that waits; whether it did."""
        if not self._waiting[job.lane].remove(job.run.task_id, job):
            return False
        job.stop_waiting(job.run.task_id)
        return True

    def release(self, job: J) -> None:
        """A run is over, and its slot is free for the next one."""
        self.busy[job.lane] -= 1
        decrement(self._held_by_task, job.run.task_id)
        self._fill()

    def pause(self) -> None:
        """Start nothing until `resume`: it is not known which partitions are ours."""
        self.open = False

    def resume(self) -> None:
        """Start what waits; runs of abandoned partitions are dropped."""
        self.open = not self._closed
        for lane in LANES:
            self._waiting[lane].retain(lambda job: not job.abandoned)
        self._fill()

    def close(self) -> None:
        """Start nothing any more."""
        self.open, self._closed = False, True

    def _fill(self) -> None:
        """Start as many as may be."""
        while self.open and not self._is_held():
            next_tasks: dict[Lane, str | None] = {lane: self._next_task(lane) for lane in LANES}
            waiting: dict[Lane, bool] = {lane: task_id is not None for lane, task_id in next_tasks.items()}
            lane = self._lanes.next_lane(waiting, self.busy)
            if lane is None or (task_id := next_tasks[lane]) is None:
                return
            job = self._waiting[lane].pop(task_id)
            job.stop_waiting(task_id)
            self.busy[lane] += 1
            self._held_by_task[task_id] += 1
            self._start(job)

    def _next_task(self, lane: Lane) -> str | None:
        """The task of a lane whose run may start now."""
        free = self._lanes.free(lane, self.busy)
        if not free:
            return None
        return self._waiting[lane].next_task(lambda task_id: may_start(self._held_by_task[task_id], free))
