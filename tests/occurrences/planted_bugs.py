"""Bugs planted into the engine, the ticker and the log sink: each must be found by what is answered of a year."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Final
from unittest import mock

from tasker_api.occurrences import definition, task_history
from tasker_api.occurrences.definition import CalendarVersions, DefinitionInForce
from tasker_api.occurrences.log_evidence import LogEvidence
from tasker_api.occurrences.task_history import TaskHistory
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.documents.missed_occurrences import MissedDocument
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_log_sink.consuming import decoding
from tasker_log_sink.projection.revisions import revision_content
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState

Bug = Callable[[], AbstractContextManager[Any]]


def _owned_by_nominal_time() -> AbstractContextManager[Any]:
    """An occurrence belongs to the definition that stood at its nominal time."""

    def owns(self: DefinitionInForce, nominal: int) -> bool:
        due = not self.is_end and self.has(nominal) and not self.excludes(nominal)
        return due and self.begin < nominal <= self.end

    return mock.patch.object(DefinitionInForce, "owns", owns)


def _at_once_forgotten() -> AbstractContextManager[Any]:
    """What a change itself lets run is taken for superseded."""
    return mock.patch.object(definition, "_at_once_when_changed", return_value=NEVER)


def _past_instant_forgotten() -> AbstractContextManager[Any]:
    """What runs at once when its task is created is not told."""
    return mock.patch.object(definition, "_at_once_when_created", return_value=NEVER)


def _finish_not_carried() -> AbstractContextManager[Any]:
    """An edit of a finished task lets it appear unfinished."""

    def as_they_are(found: list[DefinitionInForce]) -> list[DefinitionInForce]:
        return found

    return mock.patch.object(definition, "_with_finishes", as_they_are)


def _pause_ends_with_an_edit() -> AbstractContextManager[Any]:
    """Any later version ends a pause."""

    def next_of_all(self: TaskHistory, i: int, _: Callable[[DefinitionInForce], bool]) -> DefinitionInForce | None:
        return next(iter(self.definitions[i + 1 :]), None)

    return mock.patch.object(TaskHistory, "_next", next_of_all)


def _ends_of_ranges_left_out() -> AbstractContextManager[Any]:
    """The last time of a missed range is not taken for missed."""
    missed_range = LogEvidence.missed_range

    def shorter(self: LogEvidence, generation: int, nominal: int) -> MissedDocument | None:
        found = missed_range(self, generation, nominal)
        is_last = found is not None and definition.seconds(found["to_at"], NEVER) == nominal
        return None if is_last else found

    return mock.patch.object(LogEvidence, "missed_range", shorter)


def _miss_not_recorded() -> AbstractContextManager[Any]:
    """The ticker says nothing of what an edit leaves of an outage."""
    return mock.patch.object(PartitionState, "miss_open_gaps", return_value=None)


def _run_not_emitted() -> AbstractContextManager[Any]:
    """The ticker drops some runs."""
    add_run = BatchRecords.add_run

    def some(self: BatchRecords, task: Any, at: Any, **more: Any) -> str:
        return "" if at.nominal // 3600 % 50 == 0 else add_run(self, task, at, **more)

    return mock.patch.object(BatchRecords, "add_run", some)


def _handover_forgotten() -> AbstractContextManager[Any]:
    """The log sink does not keep which nominal time was dealt with last."""
    report = revision_content.report_of_verdict

    def without(*arguments: Any, **more: Any) -> Any:
        found = report(*arguments, **more)
        for revision in () if found is None else found.revisions:
            revision["after_nominal"] = None
        return found

    return mock.patch.object(decoding, "report_of_verdict", without)


def _handover_not_kept() -> AbstractContextManager[Any]:
    """The log sink makes no revision of a handover to another version of a calendar."""
    return mock.patch.object(decoding, "report_of_handover", return_value=None)


def _newest_days_for_all() -> AbstractContextManager[Any]:
    """All revisions are read by the newest days of their calendars."""
    with_days = definition.resolved_schedule
    newest: dict[str, CalendarDays] = {}

    def definitions(revisions: Any, days: CalendarVersions) -> list[DefinitionInForce]:
        newest.update({name: days[name, version] for name, version in sorted(days)})
        return read(revisions, days)

    def resolved(text: str, task_id: str, _: Mapping[str, CalendarDays]) -> Schedule | None:
        return with_days(text, task_id, newest)

    read = definition.definitions
    stack = ExitStack()
    stack.enter_context(mock.patch.object(task_history, "definitions", definitions))
    stack.enter_context(mock.patch.object(definition, "resolved_schedule", resolved))
    return stack


def _finish_not_told_again() -> AbstractContextManager[Any]:
    """That a task is finished is not said again of its definition under other days."""
    report = PartitionState.report_finished

    def report_once(self: PartitionState, task: HeldTask, records: BatchRecords) -> None:
        if task.finished_at == self.position.deciding:
            report(self, task, records)

    return mock.patch.object(PartitionState, "report_finished", report_once)


BUGS: Final[Mapping[str, Bug]] = {
    "owned by nominal time": _owned_by_nominal_time,
    "what runs at once at a handover forgotten": _at_once_forgotten,
    "what runs at once at a creation forgotten": _past_instant_forgotten,
    "finish not carried through an edit": _finish_not_carried,
    "a pause ends with any edit": _pause_ends_with_an_edit,
    "last time of a missed range left out": _ends_of_ranges_left_out,
    "miss not recorded": _miss_not_recorded,
    "run not emitted": _run_not_emitted,
    "last time dealt with not kept": _handover_forgotten,
    "handover to another version of a calendar not kept": _handover_not_kept,
    "newest days of a calendar for all revisions": _newest_days_for_all,
    "finish not told again after a handover": _finish_not_told_again,
}
