"""PURE. Fairness between tasks: they take turns, and none holds more slots than it leaves free.

So a task with any number of runs delays the first run of another one by no more than that run's own turn: a slot is
always left, however long those runs take. One task alone holds half of the slots, two busy ones a third each, n of them
1/(n + 1) each; 200 tasks with a run each hold all 200.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


def may_start(held: int, free: int) -> bool:
    """Whether a task that holds `held` slots may take one more of the free ones."""
    return held < free


def decrement(counter: Counter[T], key: T) -> None:
    """One less of a key; a key of which none is left takes no memory."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


class FairQueue(Generic[T]):
    """What waits, by task. Tasks take turns; within one task the order is first in, first out."""

    def __init__(self) -> None:
        self._queues: OrderedDict[str, OrderedDict[T, None]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._length

    def add(self, task_id: str, item: T) -> None:
        """Add an item behind those of its task; a task without waiting items comes after all others."""
        self._queues.setdefault(task_id, OrderedDict())[item] = None
        self._length += 1

    def remove(self, task_id: str, item: T) -> bool:
        """Remove an item from any position; whether it was there."""
        queue = self._queues.get(task_id)
        if queue is None or item not in queue:
            return False
        del queue[item]
        self._length -= 1
        if not queue:
            del self._queues[task_id]
        return True

    def next_task(self, may_start: Callable[[str], bool]) -> str | None:
        """The first task in turn, of those that may start."""
        return next(filter(may_start, self._queues), None)

    def first_of_each_task(self) -> Iterator[T]:
        """Of each task that waits the item that came first."""
        return (next(iter(queue)) for queue in self._queues.values())

    def pop(self, task_id: str) -> T:
        """Remove and return the first item of a task that has some; the task's next turn comes after all others."""
        queue = self._queues[task_id]
        item, _ = queue.popitem(last=False)
        self._length -= 1
        if queue:
            self._queues.move_to_end(task_id)
        else:
            del self._queues[task_id]
        return item

    def retain(self, wanted: Callable[[T], bool]) -> None:
        """Remove all items that are not wanted any more."""
        for task_id, queue in list(self._queues.items()):
            for item in [item for item in queue if not wanted(item)]:
                self.remove(task_id, item)
