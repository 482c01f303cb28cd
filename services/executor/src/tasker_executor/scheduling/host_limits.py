"""PURE. The slots, of which the runs that call one place get no more than a share.

The others wait for that place without a slot, so a slow server holds up nobody but those who call it; also in the
waiting rooms all that waits for one place counts as if it were of one task. Among those who call a place it is as among
all (fairness.py): tasks take turns, and none holds more of the share than it leaves free.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

from tasker_core.messages import Run
from tasker_executor.partition.job import Job
from tasker_executor.partition.lanes import Lane, background_share
from tasker_executor.scheduling.fair_queue import Rota, may_start
from tasker_executor.scheduling.slots import Slots

T = TypeVar("T")


class Place(NamedTuple):
    """What runs of one lane call. Each lane has a share, so that neither waits for the other one's."""

    lane: Lane
    called: str


class Shares:
    """Stands before slots. `called` tells what a run calls (None: nothing that is shared).

    `share` runs of the live lane may call one place at a time, and half as many of the background.
    """

    def __init__(self, slots: Slots, called: Callable[[Run], str | None], share: int) -> None:
        self._slots, self._called = slots, called
        self._share: dict[Lane, int] = {"live": share, "background": background_share(share)}
        self._through: dict[Job, Place] = {}
        self._taken = Counter[Place]()
        self._held = Counter[tuple[Place, str]]()
        self._waiting: dict[Place, Rota[Job]] = {}
        self._places: dict[Job, Place] = {}
        self._parked: dict[Lane, int] = {"live": 0, "background": 0}

    @property
    def open(self) -> bool:
        """Whether runs start."""
        return self._slots.open

    @property
    def busy(self) -> dict[Lane, int]:
        """How many runs each lane has under way."""
        return self._slots.busy

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane, for a place or for a slot."""
        return self._slots.waiting(lane) + self._parked[lane]

    def add(self, job: Job) -> None:
        """Start a run as soon as its place and a slot are free for it."""
        called = self._called(job.run)
        if called is None:
            self._slots.add(job)
            return
        place = Place(job.lane, called)
        if self._may(place, job.run.task_id):
            self._let_through(place, job)
        else:
            self._places[job] = place
            self._parked[job.lane] += 1
            self._waiting.setdefault(place, Rota()).add(job.run.task_id, job)
            job.feed.room.enter(called, _size(job))

    def remove(self, job: Job) -> bool:
        """Take a run out of the waiting ones; whether it was there."""
        if (place := self._places.get(job)) is not None:
            self._waiting[place].remove(job.run.task_id, job)
            self._left(place, job)
            return True
        if not self._slots.remove(job):
            return False
        self._give_back(job)
        return True

    def release(self, job: Job) -> None:
        """A run is over: its slot and its part of the share are free for the next ones."""
        self._slots.release(job)
        self._give_back(job)

    def hold(self) -> None:
        """Start nothing until `go`: it is not known whose the waiting runs are."""
        self._slots.hold()

    def close(self) -> None:
        """Start nothing any more."""
        self._slots.close()

    def go(self) -> None:
        """Start what waits; runs of partitions that are gone are forgotten."""
        for job in [job for job in (*self._places, *self._through) if job.feed.gone]:
            self.remove(job)
        self._slots.go()

    def _may(self, place: Place, task_id: str) -> bool:
        return may_start(self._held[place, task_id], self._share[place.lane] - self._taken[place])

    def _let_through(self, place: Place, job: Job) -> None:
        self._taken[place] += 1
        self._held[place, job.run.task_id] += 1
        self._through[job] = place
        self._slots.add(job)

    def _give_back(self, job: Job) -> None:
        place = self._through.pop(job, None)
        if place is None:
            return
        _one_less(self._taken, place)
        _one_less(self._held, (place, job.run.task_id))
        while (waiting := self._waiting.get(place)) and (
            task_id := waiting.next(partial(self._may, place))
        ) is not None:
            following = waiting.take(task_id)
            self._left(place, following)
            self._let_through(place, following)

    def _left(self, place: Place, job: Job) -> None:
        del self._places[job]
        self._parked[job.lane] -= 1
        job.feed.room.leave(place.called, _size(job))
        if not self._waiting[place]:
            del self._waiting[place]


def _one_less(counter: Counter[T], key: T) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


def _size(job: Job) -> int:
    return len(job.record.value or b"")
