"""PURE. The waiting room of one partition: how much of it may be read ahead of the slots.

What is read of a partition comes in its order, so the runs of a task with very many would fill any room and keep out
those of its neighbours. So of one task only so many are counted; its others wait beside, up to a bound of their own.
"""

MAX_WAITING = 400
MAX_OF_A_TASK = 100
"""So many runs of one task are counted at most."""
MAX_BESIDE = 10_000
MAX_BYTES = 16 * 1024 * 1024


class Room:
    """Counts what waits of a partition, by task, and its bytes."""

    def __init__(self) -> None:
        self.waiting = self.counted = self.size = 0
        self._of_task: dict[str, int] = {}

    def enter(self, task_id: str, size: int) -> None:
        """A run of so many bytes waits."""
        waiting = self._of_task.get(task_id, 0)
        self._of_task[task_id] = waiting + 1
        self.counted += waiting < MAX_OF_A_TASK
        self.waiting += 1
        self.size += size

    def leave(self, task_id: str, size: int) -> None:
        """One that had entered waits no longer."""
        waiting = self._of_task.pop(task_id) - 1
        if waiting:
            self._of_task[task_id] = waiting
        self.counted -= waiting < MAX_OF_A_TASK
        self.waiting -= 1
        self.size -= size

    def has_room(self, more: int) -> bool:
        """Whether so many more may come, of whatever tasks."""
        return (
            self.counted <= MAX_WAITING - more
            and self.waiting <= MAX_WAITING + MAX_BESIDE - more
            and self.size <= MAX_BYTES
        )
