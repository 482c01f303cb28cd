"""How many runs are under way at once, and which one starts next."""

from collections import deque
from collections.abc import Callable

from tasker_executor.job import Job
from tasker_executor.lanes import LANES, Lane, Turns


class Slots:
    """A number of slots, and per lane the runs that wait for one, in the order they were read."""

    def __init__(self, size: int, start: Callable[[Job], None]) -> None:
        self._turns, self._start = Turns(size), start
        self._waiting: dict[Lane, deque[Job]] = {lane: deque() for lane in LANES}
        self.busy: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._open = self._closed = False

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane."""
        return len(self._waiting[lane])

    def add(self, job: Job) -> None:
        """Start a run as soon as there is a slot for it."""
        self._waiting[job.lane].append(job)
        job.feed.waiting += 1
        self.fill()

    def remove(self, job: Job) -> bool:
        """Take a run out of the waiting ones; whether it was there."""
        if job not in self._waiting[job.lane]:
            return False
        self._waiting[job.lane].remove(job)
        job.feed.waiting -= 1
        return True

    def release(self, lane: Lane) -> None:
        """A run is over, and its slot is free for the next one."""
        self.busy[lane] -= 1
        self.fill()

    def hold(self) -> None:
        """Start nothing until `go`: it is not known whose the waiting runs are."""
        self._open = False

    def close(self) -> None:
        """Start nothing any more."""
        self._open, self._closed = False, True

    def go(self) -> None:
        """Start what waits; runs of partitions that are gone are forgotten."""
        self._open = not self._closed
        for lane in LANES:
            self._waiting[lane] = deque(job for job in self._waiting[lane] if not job.feed.gone)
        self.fill()

    def fill(self) -> None:
        """Start as many as may be."""
        while self._open:
            lane = self._turns.next({lane: bool(jobs) for lane, jobs in self._waiting.items()}, self.busy)
            if lane is None:
                return
            job = self._waiting[lane].popleft()
            job.feed.waiting -= 1
            self.busy[lane] += 1
            self._start(job)
