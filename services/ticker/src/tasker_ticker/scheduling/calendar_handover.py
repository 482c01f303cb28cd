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
        self._next = NEVER
        """The second from which the next version holds that is known already."""

    @property
    def is_unfinished(self) -> bool:
        """Whether tasks wait to be handed over, of those that are known of."""
        return bool(self._waiting)

    def has_work(self, now: int) -> bool:
        """Whether there may be tasks to hand over at a second."""
        changed = bool(self._state.calendars.names_in_use) and self._marks() != self._seen
        return bool(self._waiting) or changed or self._next <= now

    def is_due(self) -> bool:
        """Whether there are tasks to hand over at the watermark."""
        self._look()
        return bool(self._waiting)

    def next_change(self, to: int) -> int | None:
        """The first second after the watermark, up to `to`, from which other days of a calendar in use hold."""
        self._look()
        return self._next if self._next <= to else None

    def hand_over(self, records: BatchRecords) -> None:
        """Hand over those that are still under an old version, as many as the batch allows."""
        state, batch = self._state, records.batch
        self._look()
        while self._waiting and batch.handovers < state.limits.handovers and not batch.is_full:
            name, task_id = self._waiting.pop()
            task, newest = state.tasks.get(task_id), state.calendars.newest(name, self._calendars)
            under = None if task is None else dict(task.shared_schedule.versions).get(name)
            if task is not None and under is not None and newest is not None and under < newest.version:
                self._reschedule(task, newest, records)
                batch.handovers += 1
        for name, version in state.calendars.unused():
            records.delete_calendar_version(name, version)

    def _marks(self) -> tuple[object, object]:
        return self._state.calendars.mark, self._calendars.calendar_mark

    def _look(self) -> None:
        """See who is to be handed over, in the order of ids, when a calendar has changed or another version holds."""
        memory, second, marks = self._state.calendars, self._state.position.second, self._marks()
        if marks == self._seen and second < self._next:
            return
        waiting: list[tuple[str, str]] = []
        self._seen, self._next = marks, NEVER
        for name in memory.names_in_use:
            newest = memory.newest(name, self._calendars)
            behind = [] if newest is None else memory.tasks_before(name, newest.version)
            if newest is not None and behind and newest.since > second:
                self._next = min(self._next, newest.since)
            else:
                waiting += [(name, task_id) for task_id in behind]
        self._waiting = sorted(waiting, reverse=True)

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
        if task.finished_at is None:
            state.finish_if_over(task, records)
        else:  # that it has no next time says less of it than of a task without calendars
            state.report_finished(task, records)
