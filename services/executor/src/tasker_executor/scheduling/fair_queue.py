"""PURE. Fairness between tasks: they take turns, and none holds more slots than it leaves free.

So a task with any number of runs delays the first run of another one by no more than that run's own turn: a slot is
always left, however long those runs take. One task alone holds half of the slots, two busy ones a third each, n of them
an n-plus-first part each; 200 tasks with a run each hold all 200.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


def may_start(held: int, free: int) -> bool:
    """Whether a task that holds so many slots may take one more of those that are free."""
    return held < free


class Rota(Generic[T]):
    """What waits, by task. Tasks take turns; what waits of one task goes in the order it came."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, OrderedDict[T, None]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._length

    def add(self, task_id: str, one: T) -> None:
        """Let one wait behind those of its task; a task that has none waiting yet comes after all others."""
        self._queues.setdefault(task_id, OrderedDict())[one] = None
        self._length += 1

    def remove(self, task_id: str, one: T) -> bool:
        """Take one out, wherever it stands; whether it was there."""
        queue = self._queues.get(task_id)
        if queue is None or one not in queue:
            return False
        del queue[one]
        self._length -= 1
        if not queue:
            del self._queues[task_id]
        return True

    def next(self, may: Callable[[str], bool]) -> str | None:
        """The task whose turn it is, of those that may start."""
        return next(filter(may, self._queues), None)

    def take(self, task_id: str) -> T:
        """Take the first one of a task that has some waiting; its next turn comes after that of all others."""
        queue = self._queues[task_id]
        one, _ = queue.popitem(last=False)
        self._length -= 1
        if queue:
            self._queues.move_to_end(task_id)
        else:
            del self._queues[task_id]
        return one

    def keep(self, wanted: Callable[[T], bool]) -> None:
        """Take out all that is not wanted any more."""
        for task_id, queue in list(self._queues.items()):
            for one in [one for one in queue if not wanted(one)]:
                self.remove(task_id, one)
