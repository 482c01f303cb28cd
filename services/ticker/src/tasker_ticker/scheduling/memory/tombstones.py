"""PURE. Tombstones of deleted tasks: a forwarded event that is older than the delete must not create a task again.

Only of tasks that forwarded events have changed: all others cost nothing.
"""

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import TaskTombstone

KEEP_SECONDS = 7 * 24 * 3600
"""The retention of `task-events`: an event that is older than the delete can't be read, and forwarded, after that."""


class Tombstones:
    """Those of one partition, by task id, in the order of the deletes; each is kept while an older event may come.

    `restored` is in that order, too: that of the log.
    """

    def __init__(self, restored: dict[str, TaskTombstone]) -> None:
        self._by_task = restored

    def outdates(self, task_id: str, appended: AppendPosition) -> bool:
        """Whether a task was deleted by an event that was appended later than this one."""
        tombstone = self._by_task.get(task_id)
        return tombstone is not None and appended < tombstone.deleted

    def add(self, task_id: str, tombstone: TaskTombstone) -> None:
        """Remember a task that is deleted just now."""
        self._by_task[task_id] = tombstone

    def discard(self, task_id: str) -> None:
        """There is such a task again, which knows its own last change."""
        self._by_task.pop(task_id, None)

    def first_expiry(self) -> int:
        """When the next one expires, NEVER when there is none."""
        first = next(iter(self._by_task.values()), None)
        return NEVER if first is None else first.at + KEEP_SECONDS

    def expire(self, to: int, limit: int) -> list[str]:
        """Discard what has expired at a second, up to `limit` of them; returns the task ids."""
        expired: list[str] = []
        while len(expired) < limit and self.first_expiry() <= to:
            expired.append(next(iter(self._by_task)))
            del self._by_task[expired[-1]]
        return expired
