"""The HTTP shapes of calendars."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tasker_core.calendars.calendar import CalendarEntries, CalendarName
from tasker_core.documents.tasks import TaskStatus
from tasker_core.messages.verdicts import Channel
from tasker_core.texts import Description
from tasker_core.time.instant import Instant

DEFAULT_DIFF_DAYS = 366


def _is_none(value: object) -> bool:
    return value is None


class CalendarInput(BaseModel):
    """A calendar to save: `days` are dates (`2026-12-25`) and closed ranges of dates (`2026-12-24/2027-01-01`).

    The name is in the path, and may be repeated in the body.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: CalendarName | None = None
    description: Description = ""
    days: CalendarEntries


class LeftOutEvent(BaseModel):
    """An event of a file of which no days were taken, and why."""

    summary: str
    start: str | None
    reason: str


class ImportReport(BaseModel):
    """What was taken of an iCalendar file: `events`, `recurring` of them with all their days from `since` through
    `through`. Of what was left out (`left_out_count`) the first 50 are told.
    """

    events: int
    recurring: int
    since: str
    through: str
    left_out_count: int
    left_out: list[LeftOutEvent]


class CalendarItem(BaseModel):
    """A calendar in a list. `version` is the ETag; `entries`: how many dates and ranges it has, `days_count`: days.

    `last_day`: null when it has none.
    """

    name: str
    description: str
    version: int
    entries: int
    days_count: int
    last_day: str | None
    created_at: Instant
    updated_at: Instant


class CalendarResponse(CalendarItem):
    """A calendar, whole.

    `tasks` use it; `tasks_behind` of them are not handed over to this version yet, which takes a moment. `imported` is
    there in the answer to a file.
    """

    model_config = ConfigDict(title="Calendar")

    days: list[str]
    tasks: int
    tasks_behind: int
    imported: Annotated[ImportReport | None, Field(exclude_if=_is_none)] = None


class CalendarList(BaseModel):
    """One page of calendars, by name."""

    items: list[CalendarItem]
    next_cursor: str | None


class CalendarTask(BaseModel):
    """A task that uses a calendar: whether it fires on its days only (`requires`) or never on them; under which
    version it is.
    """

    id: str
    name: str
    state: TaskStatus
    requires: bool
    calendar_version: int
    schedule_description: str
    next_at: Instant | None


class CalendarTaskList(BaseModel):
    """One page of the tasks that use a calendar, by id."""

    items: list[CalendarTask]
    next_cursor: str | None


class CalendarRevision(BaseModel):
    """A version of a calendar, with the days that it gained and lost against the one before (null: not known any more).

    `actor` and `channel` say who changed it (null: not known any more).
    """

    version: int
    deleted: bool
    description: str
    effective_from: Instant
    actor: str | None
    channel: Channel | None
    note: str | None
    event_id: str | None
    days: list[str]
    days_added: list[str] | None
    days_removed: list[str] | None


class CalendarHistory(BaseModel):
    """One page of the versions of a calendar, the newest first."""

    items: list[CalendarRevision]
    next_cursor: str | None


class CalendarDiffInput(CalendarInput):
    """Other days for a calendar: what would they change in the next `ahead` days?"""

    ahead: Annotated[int, Field(ge=1, le=3660)] = DEFAULT_DIFF_DAYS


class ScheduleEffect(BaseModel):
    """What becomes of tasks that share a schedule: how many they are, one of them, and of each the nominal times that
    fall away and that come to it, the earliest of them told.
    """

    tasks: int
    task_id: str
    schedule_description: str
    removed: int
    added: int
    first_removed: list[Instant]
    first_added: list[Instant]
    never_again: bool


class CalendarDiff(BaseModel):
    """What other days would change from `from` to `to`.

    `tasks` use the calendar; `paused` and `finished` ones are not counted further. `tasks_changed` of the others lose
    `removed` runs and gain `added` ones together; `tasks_without_runs` would have none to come any more. `effects` are
    the first 50 schedules, those with the most changed runs first. Not `is_complete`: there is more than was looked at,
    as `notes` say.
    """

    model_config = ConfigDict(populate_by_name=True)

    name: str
    version: int
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    days_added: list[str]
    days_removed: list[str]
    tasks: int
    paused: int
    finished: int
    tasks_changed: int
    tasks_without_runs: int
    removed: int
    added: int
    effects: list[ScheduleEffect]
    is_complete: bool
    notes: list[str]
    imported: Annotated[ImportReport | None, Field(exclude_if=_is_none)] = None


def icalendar_body(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route that takes a calendar as JSON, or an iCalendar file."""
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}},
        "text/calendar": {"schema": {"type": "string", "description": "an iCalendar file (RFC 5545), UTF-8"}},
    }
    return {"requestBody": {"required": True, "content": content}}
