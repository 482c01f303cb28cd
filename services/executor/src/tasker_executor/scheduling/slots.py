"""How many runs are under way at once, and which one starts next."""

from collections import Counter
from collections.abc import Callable

from tasker_executor.partition.job import Job
from tasker_executor.partition.lanes import LANES, Lane, Turns
from tasker_executor.scheduling.fair_queue import Rota, may_start


class Slots:
    """A number of slots, and per lane the runs that wait for one; tasks take turns."""

    def __init__(self, size: int, start: Callable[[Job], None]) -> None:
        self._turns, self._start = Turns(size), start
        self._waiting: dict[Lane, Rota[Job]] = {lane: Rota() for lane in LANES}
        self._held = Counter[str]()
        self.busy: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self.open = self._closed = False

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane."""
        return len(self._waiting[lane])

    def add(self, job: Job) -> None:
        """Start a run as soon as there is a slot for it."""
        self._waiting[job.lane].add(job.run.task_id, job)
        job.enter()
        self.fill()

    def remove(self, job: Job) -> bool:
        """Take a run out of the waiting ones; whether it was there."""
        if not self._waiting[job.lane].remove(job.run.task_id, job):
            return False
        job.leave()
        return True

    def release(self, job: Job) -> None:
        """A run is over, and its slot is free for the next one."""
        self.busy[job.lane] -= 1
        self._held[job.run.task_id] -= 1
        if not self._held[job.run.task_id]:
            del self._held[job.run.task_id]
        self.fill()

    def hold(self) -> None:
        """Start nothing until `go`: it is not known whose the waiting runs are."""
        self.open = False

    def close(self) -> None:
        """Start nothing any more."""
        self.open, self._closed = False, True

    def go(self) -> None:
        """Start what waits; runs of partitions that are gone are forgotten."""
        self.open = not self._closed
        for lane in LANES:
            self._waiting[lane].keep(lambda job: not job.feed.gone)
        self.fill()

    def fill(self) -> None:
        """Start as many as may be."""
        while self.open:
            turn: dict[Lane, str | None] = {lane: self._next(lane) for lane in LANES}
            lane = self._turns.next({lane: task_id is not None for lane, task_id in turn.items()}, self.busy)
            if lane is None or (task_id := turn[lane]) is None:
                return
            job = self._waiting[lane].take(task_id)
            job.leave()
            self.busy[lane] += 1
            self._held[task_id] += 1
            self._start(job)

    def _next(self, lane: Lane) -> str | None:
        """The task of a lane whose run may start now."""
        free = self._turns.free(lane, self.busy)
        return self._waiting[lane].next(lambda task_id: may_start(self._held[task_id], free)) if free else None
