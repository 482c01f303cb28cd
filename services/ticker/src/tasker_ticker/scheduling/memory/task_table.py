"""PURE. The tasks of a partition by id. Instants are epoch seconds.

What is restored stays as it was stored until it is needed: after a start a million tasks are put on the agenda, for
which their schedule is enough, while few of them are due soon. To decode all of one takes three times as long.
"""

from collections.abc import Iterable, Iterator, MutableMapping

from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import TaskState, decode_state_record
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.held_task import HeldTask, restore_task
from tasker_ticker.scheduling.memory.next_times import NextTimes, glance_at
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition

ScheduledRecord = tuple[bytes, bytes, int, int]
"""The key of a task, its TaskState, and its next time: a second up to which all is taken as decided, and the next one
then. It is the next one until it is decided itself. (A plain tuple, as it is read from a copy: a million objects of our
own would cost more than they save.)"""


class TaskTable(MutableMapping[str, HeldTask]):
    """The tasks, each decoded when it is asked for.

    A task that was put on the agenda by `schedule`, and is decoded later, is as if it had been decoded then: its next
    time is the one that the agenda has.
    """

    def __init__(self, schedules: SchedulePool) -> None:
        self._schedules, self._times = schedules, NextTimes(schedules)
        self._tasks: dict[str, HeldTask | bytes | ScheduledRecord] = {}
        self._start: WatermarkPosition | None = None

    def store(self, task_id: str, record: bytes | ScheduledRecord) -> None:
        """Take in a TaskState as it is stored."""
        self._tasks[task_id] = record

    def discard(self, task_id: str) -> None:
        """Hold it no longer; harmless when it is not there."""
        self._tasks.pop(task_id, None)

    def __getitem__(self, task_id: str) -> HeldTask:
        found = self._tasks[task_id]
        if isinstance(found, HeldTask):
            return found
        return self._decoded(task_id, found if isinstance(found, bytes) else found[1])

    def __setitem__(self, task_id: str, task: HeldTask) -> None:
        self._tasks[task_id] = task

    def __delitem__(self, task_id: str) -> None:
        del self._tasks[task_id]

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._tasks

    def __iter__(self) -> Iterator[str]:
        return iter(self._tasks)

    def __len__(self) -> int:
        return len(self._tasks)

    def begin_at(self, position: WatermarkPosition) -> None:
        """All that is stored is scheduled from a position on."""
        self._start = WatermarkPosition(position.second, burst_after=position.burst_after, gaps=[*position.gaps])

    def schedule(
        self, task_ids: Iterable[str], agenda: Agenda, removals: Agenda, finished_seconds: int
    ) -> Iterator[str]:
        """Put stored tasks on the agenda, or finished ones among the removals; yields those of which more is needed."""
        tasks, start, times = self._tasks, self._start, self._times
        assert start is not None, "begin_at comes first"
        for task_id in task_ids:
            record, decided = tasks[task_id], start.decided_of(task_id)
            if isinstance(record, tuple):
                _, record, known_at, due = record
                tasks[task_id] = record
                if known_at <= decided < due:
                    agenda.add(task_id, due)
                    continue
            if not isinstance(record, bytes):
                yield task_id
                continue
            seen = glance_at(record)
            if seen.takes_more:
                yield task_id
            elif seen.finished_at is not None:
                removals.add(task_id, seen.finished_at + finished_seconds)
            elif not seen.task.paused:
                due = times.next(task_id, seen, decided)
                if due is None or (due == NEVER and start.gaps):
                    yield task_id
                elif due < NEVER:
                    agenda.add(task_id, due)
                elif (over := times.over_at(task_id, seen)) < NEVER:  # of which nothing was written (finish_if_over)
                    removals.add(task_id, over + finished_seconds)

    def end_schedule(self) -> None:
        """All are scheduled."""
        self._times.clear()

    def _decoded(self, task_id: str, record: bytes) -> HeldTask:
        state = decode_state_record(record)
        assert isinstance(state, TaskState), "only these are stored here"
        task = self._tasks[task_id] = restore_task(state, self._schedules)
        if (start := self._start) is not None:
            task.find_next(start.decided_of(task_id))
            if not start.gaps and task.next_due == NEVER and not task.paused and task.finished_at is None:
                over = task.over_at
                task.finished_at = over if over < NEVER else None
        return task
