"""PURE. What single messages say of a task, in whatever order they come.

Versions only grow, along generations too. Each update is a maximum or a minimum over what was applied so far, so
neither order nor repetition changes the outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from tasker_core.documents.calendars import CalendarUse
from tasker_core.documents.tasks import TaskDefinitionFields, TaskStateFields
from tasker_core.run_states import is_final
from tasker_core.time.instant import from_ms, to_ms
from tasker_core.timing.timing_key import NO_TIMES, due_second
from tasker_log_sink.projection.tasks.run_outcomes import RunOutcomes


@dataclass(slots=True)
class TaskDraft:
    """A task to which updates are applied. `definition` is None until a version defines it anew."""

    fields: TaskStateFields
    definition: TaskDefinitionFields | None = None


class TaskUpdate(Protocol):
    """What a message says of a task; `apply` changes the draft accordingly and never fails."""

    def apply(self, task: TaskDraft) -> None: ...


def unknown_task(task_id: str) -> TaskStateFields:
    """A task of which no version is known: hidden like a deleted one until it is defined."""
    return {
        "_id": task_id,
        "generation": 0,
        "version": 0,
        "state": "active",
        "created_at": None,
        "updated_at": None,
        "next_at": None,
        "due_at": None,
        "next_of": [0, 0, 0],
        "last_run": None,
        "last_of": [0, 0, "", 0],
        "last_outcome": None,
        "ended_of": [0, 0],
        "failures": 0,
        "streak": {"after": 0, "failed": []},
        "deleted": True,
        "finished_version": 0,
        "last_nominal_ms": 0,
        "deleted_version": 0,
        "calendars": [],
        "timing": NO_TIMES,
        "gone_at": None,
    }


class NextTime(NamedTuple):
    """The next nominal time, as reported under a version at an effective time: only a later report changes it."""

    version: int
    effective_at: datetime
    next_at: datetime | None

    @property
    def order_key(self) -> list[int]:
        """By (version, effective time); of two with equal ones the later `next_at` wins."""
        return [self.version, to_ms(self.effective_at), 0 if self.next_at is None else to_ms(self.next_at)]

    def apply(self, task: TaskDraft) -> None:
        """Move forward, or change nothing."""
        if (key := self.order_key) > task.fields["next_of"]:
            task.fields["next_of"] = key
            derive(task.fields)


@dataclass(frozen=True, slots=True)
class DefinedVersion:
    """A version of the task, in effect since `since`. `is_over`: it has no occurrence left."""

    generation: int
    version: int
    since: datetime
    definition: TaskDefinitionFields
    is_paused: bool
    is_over: bool
    calendars: Mapping[str, int] = field(default_factory=dict[str, int])

    def apply(self, task: TaskDraft) -> None:
        """Let the greater (generation, version) win; the creation is the generation's first instant."""
        fields = task.fields
        if self.is_over and not self.is_paused:  # as when a finished task gets another name
            FinishedVersion(self.version).apply(task)
        if self.generation >= fields["generation"]:
            created = fields["created_at"] if self.generation == fields["generation"] else None
            fields["created_at"] = self.since if created is None else min(created, self.since)
        new, current = (self.generation, self.version), (fields["generation"], fields["version"])
        if new == current:  # reported again, as by a trigger
            updated = fields["updated_at"]
            fields["updated_at"] = self.since if updated is None else min(updated, self.since)
        elif new > current:
            fields["generation"], fields["version"], fields["updated_at"] = self.generation, self.version, self.since
            fields["state"] = "paused" if self.is_paused else "active"
            fields["calendars"], fields["timing"] = uses_of(self.calendars), self.definition["timing"]
            task.definition = self.definition
        derive(fields)


@dataclass(frozen=True, slots=True)
class CalendarVersionInUse:
    """A version of the task is under this version of a calendar. The next version of the task says it itself."""

    version: int
    calendar: str
    calendar_version: int

    def apply(self, task: TaskDraft) -> None:
        """Move that calendar forward."""
        if self.version == task.fields["version"]:
            under = {use["name"]: use["version"] for use in task.fields["calendars"]}
            under[self.calendar] = max(under.get(self.calendar, 0), self.calendar_version)
            task.fields["calendars"] = uses_of(under)


def uses_of(versions: Mapping[str, int]) -> list[CalendarUse]:
    """The calendars of a task, in their order."""
    return [{"name": name, "version": version} for name, version in sorted(versions.items())]


class FinishedVersion(NamedTuple):
    """No occurrence is left under this version or an earlier one.

    `last_nominal_ms`: of the last one, which may not have run yet; 0 where nobody tells it.
    """

    version: int
    last_nominal_ms: int = 0

    def apply(self, task: TaskDraft) -> None:
        """Finished once nothing is under way, unless a later version revives it."""
        fields = task.fields
        known = fields["finished_version"], fields["last_nominal_ms"]
        fields["finished_version"], fields["last_nominal_ms"] = max(known, self)
        derive(fields)


NOT_FINISHED: Final = FinishedVersion(0)


@dataclass(frozen=True, slots=True)
class DeletedVersion:
    """Deleted or removed at this version."""

    version: int

    def apply(self, task: TaskDraft) -> None:
        """Hidden, unless a later version is known: that is another generation."""
        task.fields["deleted_version"] = max(task.fields["deleted_version"], self.version)
        derive(task.fields)


def derive(fields: TaskStateFields) -> None:
    """Set what several updates decide together: whether it is hidden or finished, what is next, which runs count.

    No next time stands that lies behind the last one of its version, whichever of both is told first.
    """
    fields["deleted"] = fields["deleted_version"] >= fields["version"]
    version, _, next_ms = fields["next_of"]
    is_void = version <= fields["finished_version"] and next_ms > fields["last_nominal_ms"]
    fields["next_at"] = fields["due_at"] = None
    if next_ms and not is_void:
        second = next_ms // 1000
        due = due_second(fields.get("timing") or NO_TIMES, second)  # absent in documents of earlier releases
        fields["next_at"], fields["due_at"] = from_ms(next_ms), from_ms(due * 1000) if due > second else None
    if fields["state"] != "paused":
        is_over = fields["finished_version"] >= max(1, fields["version"])
        fields["state"] = "finished" if is_over and not _is_under_way(fields) else "active"
    if fields["ended_of"][0] < fields["generation"]:
        RunOutcomes(fields["generation"]).set_in(fields)


def _is_under_way(fields: TaskStateFields) -> bool:
    """Whether an occurrence is awaited of which no executor has told anything, or the newest run has not ended.

    The ticker has nothing more to do for the task then, but whoever deletes it drops the next attempt, or the report,
    that the run waits for.
    """
    last = fields["last_run"]
    is_open = last is not None and last["version"] >= fields["generation"] and not is_final(last["state"])
    return is_open or fields["next_at"] is not None
