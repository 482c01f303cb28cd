"""PURE. A limit in front of the slots: at most so many runs call one host at a time.

The others wait for that host without a slot, so a slow server delays only the runs that call it; also in what is read
ahead, all runs that wait for one host count as if they were of one task. Among the runs that call a host the rules are
those of all slots (fair_queue.py): tasks take turns, and none holds more of the limit than it leaves free.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from tasker_core.messages.runs import Run
from tasker_executor.partition.priority_lanes import Lane, background_share
from tasker_executor.scheduling.fair_queue import FairQueue, decrement, may_start
from tasker_executor.scheduling.slots import SlotCandidate, Slots

T = TypeVar("T")
J = TypeVar("J", bound=SlotCandidate)


class LaneHost(NamedTuple):
    """The host that runs of one lane call. Each lane has a limit of its own, so that neither waits for the other."""

    lane: Lane
    host: str


class HostLimits(Generic[J]):
    """Passes runs on to the slots. `called_host` returns what a run calls (None: nothing that is limited).

    `per_host` runs of the live lane may call one host at a time, and half as many of the background.
    """

    def __init__(self, slots: Slots[J], called_host: Callable[[Run], str | None], per_host: int) -> None:
        self._slots, self._called_host = slots, called_host
        self._limit: dict[Lane, int] = {"live": per_host, "background": background_share(per_host)}
        self._passed: dict[J, LaneHost] = {}
        """Runs that call a host and were passed on to the slots."""
        self._calling = Counter[LaneHost]()
        self._calling_of_task = Counter[tuple[LaneHost, str]]()
        self._queues: dict[LaneHost, FairQueue[J]] = {}
        self._waiting: dict[J, LaneHost] = {}
        self._waiting_in: dict[Lane, int] = {"live": 0, "background": 0}

    @property
    def open(self) -> bool:
        """Whether runs start."""
        return self._slots.open

    @property
    def busy(self) -> dict[Lane, int]:
        """How many slots each lane holds."""
        return self._slots.busy

    def waiting(self, lane: Lane) -> int:
        """How many runs of a lane wait, for a host or for a slot."""
        return self._slots.waiting(lane) + self._waiting_in[lane]

    def first_waiting(self, lane: Lane) -> Iterator[J]:
        """Of each task that waits in a lane, for a host or for a slot, the runs that came first."""
        of_hosts = (queue.first_of_each_task() for host, queue in self._queues.items() if host.lane == lane)
        return chain(self._slots.first_waiting(lane), *of_hosts)

    def add(self, job: J) -> None:
        """Start a run as soon as its host's limit allows it and a slot is free for it."""
        called = self._called_host(job.run)
        if called is None:
            self._slots.add(job)
            return
        host = LaneHost(job.lane, called)
        if self._may_call(host, job.run.task_id):
            self._pass_on(host, job)
        else:
            self._waiting[job] = host
            self._waiting_in[job.lane] += 1
            self._queues.setdefault(host, FairQueue()).add(job.run.task_id, job)
            job.start_waiting(called)

    def remove(self, job: J) -> bool:
        """Remove a run that waits; whether it did."""
        if (host := self._waiting.get(job)) is not None:
            self._queues[host].remove(job.run.task_id, job)
            self._stop_waiting(host, job)
            return True
        if not self._slots.remove(job):
            return False
        self._release_host(job)
        return True

    def release(self, job: J) -> None:
        """A run is over: its slot is free for the next one, and so is its part of the host's limit."""
        self._slots.release(job)
        self._release_host(job)

    def pause(self) -> None:
        """Start nothing until `resume`: it is not known which partitions are ours."""
        self._slots.pause()

    def resume(self) -> None:
        """Start what waits; runs of abandoned partitions are dropped."""
        for job in [job for job in (*self._waiting, *self._passed) if job.abandoned]:
            self.remove(job)
        self._slots.resume()

    def close(self) -> None:
        """Start nothing any more."""
        self._slots.close()

    def _may_call(self, host: LaneHost, task_id: str) -> bool:
        return may_start(self._calling_of_task[host, task_id], self._limit[host.lane] - self._calling[host])

    def _pass_on(self, host: LaneHost, job: J) -> None:
        self._calling[host] += 1
        self._calling_of_task[host, job.run.task_id] += 1
        self._passed[job] = host
        self._slots.add(job)

    def _release_host(self, job: J) -> None:
        host = self._passed.pop(job, None)
        if host is None:
            return
        decrement(self._calling, host)
        decrement(self._calling_of_task, (host, job.run.task_id))
        while (queue := self._queues.get(host)) and (task_id := self._next_task(host, queue)) is not None:
            following = queue.pop(task_id)
            self._stop_waiting(host, following)
            self._pass_on(host, following)

    def _next_task(self, host: LaneHost, queue: FairQueue[J]) -> str | None:
        """The task that waits for a host and may call it now; of a host that nobody may call none is looked at."""
        if self._calling[host] >= self._limit[host.lane]:
            return None
        return queue.next_task(partial(self._may_call, host))

    def _stop_waiting(self, host: LaneHost, job: J) -> None:
        del self._waiting[job]
        self._waiting_in[job.lane] -= 1
        job.stop_waiting(host.host)
        if not self._queues[host]:
            del self._queues[host]
