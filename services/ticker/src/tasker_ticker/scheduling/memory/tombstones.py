"""PURE. Deleted tasks, so that an event that was sent on, and is older than the delete, brings none back.

Only of tasks that such events have changed: those of all others cost nothing.
"""

from tasker_core.events.forwarding import AppendPosition
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import TaskTombstone

KEEP_SECONDS = 7 * 24 * 3600
"""The retention of `task-events`: an event that is older than the delete can't be read, and sent on, after that."""


class GoneTasks:
    """Those of one partition, by task id, in the order they were deleted; each is kept while something older may come.

    `known` is in that order, too: that of the log.
    """

    def __init__(self, known: dict[str, TaskTombstone]) -> None:
        self._known = known

    def is_older(self, task_id: str, appended: AppendPosition) -> bool:
        """Whether a task was deleted by an event that was appended later."""
        gone = self._known.get(task_id)
        return gone is not None and appended < gone.deleted

    def keep(self, task_id: str, gone: TaskTombstone) -> None:
        """Remember a task that is deleted just now."""
        self._known[task_id] = gone

    def drop(self, task_id: str) -> None:
        """There is such a task again, which knows its own last change."""
        self._known.pop(task_id, None)

    def first_expiry(self) -> int:
        """When the next one need not be known any more, NEVER when there is none."""
        first = next(iter(self._known.values()), None)
        return NEVER if first is None else first.at + KEEP_SECONDS

    def forget_to(self, to: int) -> list[str]:
        """Forget what need not be known at a second; returns the task ids."""
        gone: list[str] = []
        while self.first_expiry() <= to:
            gone.append(next(iter(self._known)))
            del self._known[gone[-1]]
        return gone
