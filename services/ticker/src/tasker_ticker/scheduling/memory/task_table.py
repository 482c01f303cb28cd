"""PURE. The tasks of a partition by id. Instants are epoch seconds.

What is restored stays as it was stored until it is needed: after a start a million tasks are put on the agenda, for
which their schedule is enough, while few of them are due soon. To decode all of one takes three times as long.
"""

import re
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import TaskState, decode_state_record
from tasker_core.time.instant import parse_second
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.held_task import HeldTask, restore_task
from tasker_ticker.scheduling.memory.shared_schedule import SchedulePool, SharedSchedule, is_shared
from tasker_ticker.scheduling.memory.watermark import WatermarkPosition

_ONCE: Final = re.compile(rb'\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"\}')
"""The schedule of a one-time task as it is usually stored."""


class _Definition(msgspec.Struct, gc=False):
    schedule: Raw
    paused: bool = False
    then: Raw | UnsetType = UNSET


class _Glance(msgspec.Struct, tag="task", gc=False):
    """Of a TaskState what decides when it is due."""

    since: int
    task: _Definition
    after_nominal: int | None = None
    finished_at: int | None = None
    streak: Raw | UnsetType = msgspec.field(default=UNSET, name="row")
    calendars: Raw | UnsetType = UNSET


_glance_at = msgspec.json.Decoder(_Glance).decode


class TaskTable(MutableMapping[str, HeldTask]):
    """The tasks, each decoded when it is asked for.

    A task that was put on the agenda by `schedule`, and is decoded later, is as if it had been decoded then: its next
    time is the one that the agenda has.
    """

    def __init__(self, schedules: SchedulePool) -> None:
        self._schedules = schedules
        self._tasks: dict[str, HeldTask | bytes] = {}
        self._start: WatermarkPosition | None = None
        self._shared: dict[bytes, SharedSchedule] = {}

    def store(self, task_id: str, record: bytes) -> None:
        """Take in a TaskState as it is stored."""
        self._tasks[task_id] = record

    def discard(self, task_id: str) -> None:
        """Hold it no longer; harmless when it is not there."""
        self._tasks.pop(task_id, None)

    def __getitem__(self, task_id: str) -> HeldTask:
        found = self._tasks[task_id]
        return self._decoded(task_id, found) if isinstance(found, bytes) else found

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
        tasks, start = self._tasks, self._start
        assert start is not None, "begin_at comes first"
        for task_id in task_ids:
            record = tasks[task_id]
            if not isinstance(record, bytes):
                yield task_id
                continue
            seen = _glance_at(record)
            task = seen.task
            if task.then is not UNSET or seen.streak is not UNSET or seen.calendars is not UNSET:
                yield task_id
            elif seen.finished_at is not None:
                removals.add(task_id, seen.finished_at + finished_seconds)
            elif not task.paused:
                text, after = bytes(task.schedule), max(start.decided_of(task_id), seen.since)
                if seen.after_nominal is not None:
                    after = max(after, seen.after_nominal)
                if (once := _ONCE.fullmatch(text)) is not None:
                    second = parse_second(once[1].decode())
                    if second > after:
                        agenda.add(task_id, second)
                    elif start.gaps:
                        yield task_id
                    else:  # it is over, of which nothing was written (finish_if_over)
                        removals.add(task_id, second + finished_seconds)
                elif (due := self._next_of(text, task_id, after)) < NEVER:
                    agenda.add(task_id, due)
                else:
                    yield task_id

    def end_schedule(self) -> None:
        """All are scheduled."""
        self._shared.clear()

    def _next_of(self, text: bytes, task_id: str, after: int) -> int:
        """The next time of a task under a schedule that many may share; NEVER also where it takes more to say."""
        schedule = self._shared.get(text)
        if schedule is None:
            if not is_shared(text):
                return NEVER
            schedule = self._shared[text] = self._schedules.of(text, task_id)
        found = schedule.search(after)
        return found.effective if isinstance(found, Occurrence) else NEVER

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
