"""PURE. Hands the tasks of a partition over to the newest version of their calendars, a portion of them at a time.

Each task knows under which versions it is, and the days of these versions are kept: so who is still to be handed over
follows from what is stored, and no crash can lose it. A handover is that of a change of the definition: it holds for
what is effective after it, and what is still open of the task in a gap is missed (`changed`).

In a partition that goes on after an outage a change takes its place in time as events do: what was effective before it
is decided by the old days first, and nothing moves on until all tasks are handed over.
"""

from tasker_core.schedules.effective_schedule import hand_over
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.memory.calendar_table import AllCalendars, NewestCalendar
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState


class CalendarHandover:
    """That of one partition. `calendars` are those of all."""

    def __init__(self, state: PartitionState, calendars: AllCalendars) -> None:
        self._state, self._calendars = state, calendars
        self._seen: tuple[object, object] | None = None
        self._waiting: list[tuple[str, str]] = []
        """The name of a calendar, and a task that is under an old version of it; the last one is next."""

    @property
    def is_unfinished(self) -> bool:
        """Whether tasks wait to be handed over, of those that are known of."""
        return bool(self._waiting)

    def has_work(self) -> bool:
        """Whether there may be tasks to hand over."""
        return bool(self._waiting) or (bool(self._state.calendars.names_in_use) and self._marks() != self._seen)

    def next_change(self, to: int) -> int | None:
        """The first second after the watermark, up to `to`, from which other days of a calendar in use hold."""
        if not self.has_work() or self._waiting:
            return None
        second = self._state.position.second
        seconds = [newest.since for newest, _ in self._behind() if second < newest.since <= to]
        return min(seconds, default=None)

    def hand_over(self, records: BatchRecords) -> None:
        """Hand over a portion of those that are still under an old version."""
        state = self._state
        if self._marks() != self._seen:
            self._look()
        left = state.limits.handovers
        while self._waiting and left and not records.batch.is_full:
            name, task_id = self._waiting.pop()
            task, newest = state.tasks.get(task_id), state.calendars.newest(name, self._calendars)
            under = state.calendars.users(name).get(task_id)
            if task is not None and under is not None and newest is not None and under < newest.version:
                self._reschedule(task, newest, records)
                left -= 1
        for name, version in state.calendars.unused():
            records.delete_calendar_version(name, version)

    def _marks(self) -> tuple[object, object]:
        return self._state.calendars.mark, self._calendars.calendar_mark

    def _behind(self) -> list[tuple[NewestCalendar, list[str]]]:
        """The calendars of which tasks are under old versions, with these tasks."""
        memory = self._state.calendars
        found: list[tuple[NewestCalendar, list[str]]] = []
        for name in memory.names_in_use:
            newest = memory.newest(name, self._calendars)
            if newest is not None:
                behind = [task_id for task_id, version in memory.users(name).items() if version < newest.version]
                if behind:
                    found.append((newest, behind))
        return found

    def _look(self) -> None:
        """See who is to be handed over, in the order of ids; to what does not hold yet, later."""
        marks, second, early = self._marks(), self._state.position.second, False
        waiting: list[tuple[str, str]] = []
        for newest, behind in self._behind():
            if newest.since > second:
                early = True
            else:
                waiting += [(newest.name, task_id) for task_id in behind]
        self._waiting = sorted(waiting, reverse=True)
        self._seen = None if early else marks

    def _reschedule(self, task: HeldTask, newest: NewestCalendar, records: BatchRecords) -> None:
        state, at = self._state, self._state.position.second
        if state.calendars.hold(newest):
            records.store_calendar_version(newest.name, newest.version, newest.entries)
        before = task.shared_schedule
        versions = tuple(sorted((dict(before.versions) | {newest.name: newest.version}).items()))
        shared = state.schedules.of(bytes(before.raw), task.id, versions)
        handover = hand_over(task.effective_schedule, shared.schedule, task.offset, at)
        if task.finished_at is None:
            state.miss_open_gaps(task, "changed", records)
        state.calendars.leave(task.id, before.versions)
        task.shared_schedule, task.since, task.after_nominal = shared, at, handover.current.after_nominal
        state.calendars.enter(task)
        state.put_task(task)
        records.store_task(task)
        records.add_rescheduled(task, newest.name, newest.version)
        if handover.run_at_once != NEVER and not task.paused and task.finished_at is None and task.runs_left():
            state.emit_at_once(task, handover.run_at_once, at, records)
        state.finish_if_over(task, records)
