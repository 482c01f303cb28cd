"""PURE. A task as the ticker holds it, in the terms of the projection: for what no verdict says any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from tasker_core.calendars.calendar_days import calendar_days
from tasker_core.documents.revisions import FinishDocument
from tasker_core.documents.tasks import TaskDefinitionFields
from tasker_core.messages.base import encode
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import NothingUntil, offset_of
from tasker_core.schedules.schedule import NEVER, Schedule, for_task, from_json
from tasker_core.ticker_state import TaskState
from tasker_core.time.instant import from_ms
from tasker_log_sink.projection.calendars import held_version
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.revisions.revision_content import (
    RevisionFinish,
    RevisionReport,
    snapshot_end,
    snapshot_revision,
)
from tasker_log_sink.projection.tasks.task_definition import decode_defined_task, definition_fields
from tasker_log_sink.projection.tasks.task_updates import (
    NOT_FINISHED,
    DeletedVersion,
    FinishedVersion,
    NextTime,
    TaskDraft,
    derive,
    uses_of,
)

LATEST: Final = 1 << 62
"""Behind every position: what the ticker holds is the last that is known."""
SEARCHES: Final = 1000
"""After so many steps without a next time it is left unknown: the task's next run brings it."""


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """The version that the ticker holds. When it was changed last is known to the second; verdicts know better."""

    generation: int
    version: int
    changed_at: datetime
    definition: TaskDefinitionFields
    is_paused: bool
    calendars: Mapping[str, int]

    def apply(self, task: TaskDraft) -> None:
        """Let the greater (generation, version) win; of an equal one only what is missing is filled in."""
        fields = task.fields
        new, current = (self.generation, self.version), (fields["generation"], fields["version"])
        if new < current:
            return
        if self.generation > fields["generation"]:
            fields["created_at"] = None
        fields["created_at"] = fields["created_at"] or self.changed_at
        if new > current:
            fields["generation"], fields["version"], fields["updated_at"] = self.generation, self.version, None
        fields["updated_at"] = fields["updated_at"] or self.changed_at
        fields["state"] = "paused" if self.is_paused else "active"
        fields["calendars"], fields["timing"] = uses_of(self.calendars), self.definition["timing"]
        task.definition = self.definition
        derive(fields)


HeldCalendars = Mapping[tuple[str, int], Sequence[str]]
"""The days of versions of calendars, by name and version."""


def held_task_record(
    state: TaskState, decided: int, calendars: HeldCalendars = MappingProxyType({}), *, gaps: bool
) -> DecodedRecord:
    """What the ticker's record of a task says, when everything effective up to the second `decided` is decided.

    `gaps`: some of it is not, after an outage. Raises ValueError for tags that are none, KeyError for a calendar that
    is not there.
    """
    changed_ms = state.since * 1000 if state.changed is None else max(state.changed.ms // 1000, state.since) * 1000
    held = HeldVersion(
        state.generation,
        state.version,
        from_ms(changed_ms),
        definition_fields(decode_defined_task(encode(state.task)), from_ms(changed_ms)),
        state.task.paused,
        state.calendars or {},
    )
    under = {name: calendar_days(calendars[name, version]) for name, version in (state.calendars or {}).items()}
    schedule = for_task(from_json(bytes(state.task.schedule)), state.task.id).with_calendars(under)
    next_time: NextTime | None = None
    finished = NOT_FINISHED
    following = NEVER if _is_over(state, schedule) else _next_nominal(state, schedule, decided)
    if following is not None:
        next_at = None if following == NEVER else from_ms(following * 1000)
        next_time = NextTime(state.version, from_ms(max(decided, state.since) * 1000), next_at)
        over = following == NEVER and not (state.task.paused or gaps or schedule.is_manual or under)
        if state.finished_at is not None or over:
            finished = FinishedVersion(state.version)
    revision = snapshot_revision(
        state.task.id,
        state.generation,
        state.version,
        held.changed_at,
        encode(state.task).decode(),
        paused=state.task.paused,
        since=from_ms(state.since * 1000),
        after_nominal=None if state.after_nominal is None else from_ms(state.after_nominal * 1000),
        calendars=state.calendars,
    )
    finish = _finish(state, schedule, decided) if finished.version else None
    return DecodedRecord(
        state.task.id,
        (held,),
        next_time=next_time,
        finished=finished,
        revisions=RevisionReport(state.task.id, (revision,), finish),
    )


def held_calendar_record(name: str, version: int, days: Sequence[str], decided: int) -> DecodedRecord:
    """A version of a calendar that tasks are under: since when it holds, only verdicts know."""
    return DecodedRecord(calendar_revision=held_version(name, version, days, from_ms(decided * 1000)))


def vanished_task_record(task_id: str, version: int, generation: int, found_at: datetime) -> DecodedRecord:
    """A task of which the ticker knows nothing any more was deleted, or removed, after this version."""
    end = snapshot_end(task_id, generation, version, found_at)
    return DecodedRecord(task_id, (DeletedVersion(version),), revisions=RevisionReport(task_id, (end,)))


def _finish(state: TaskState, schedule: Schedule, decided: int) -> RevisionFinish | None:
    """As the ticker's `finished` would say it."""
    all_time = EffectiveSchedule(schedule, offset_of(schedule, state.task.id), since=-1)
    last = all_time.last_decided(decided if state.finished_at is None else state.finished_at)
    if last == -NEVER:
        return None
    used_up = schedule.run_limit is not None and state.runs_done >= schedule.run_limit
    reason = "once" if schedule.key == "at" else "max_runs" if used_up else "end"
    finish: FinishDocument = {"reason": reason, "last_nominal": from_ms(last * 1000)}
    return RevisionFinish(state.version, LATEST, finish)


def _is_over(state: TaskState, schedule: Schedule) -> bool:
    if state.task.paused or state.finished_at is not None:
        return True
    return schedule.run_limit is not None and state.runs_done >= schedule.run_limit


def _next_nominal(state: TaskState, schedule: Schedule, decided: int) -> int | None:
    """The next nominal time, NEVER when there is none, None when it would take long to find."""
    offset = offset_of(schedule, state.task.id)
    after_nominal = -NEVER if state.after_nominal is None else state.after_nominal
    effective, after = EffectiveSchedule(schedule, offset, state.since, after_nominal), decided
    for _ in range(SEARCHES):
        found = effective.next_due(after)
        if not isinstance(found, NothingUntil):
            return found.nominal
        after = max(found.checkpoint, after + 1)
    return None
