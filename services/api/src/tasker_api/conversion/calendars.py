"""From calendar documents to HTTP shapes."""

from typing import Any

from tasker_api.calendars.calendar_diff import changed_days
from tasker_api.calendars.icalendar_import import ImportedDays
from tasker_api.conversion.schedules import stored_schedule
from tasker_api.queries.calendars import UseCounts
from tasker_api.schemas.calendars import (
    CalendarItem,
    CalendarResponse,
    CalendarRevision,
    CalendarTask,
    ImportReport,
    LeftOutEvent,
)
from tasker_core.calendars.calendar_days import calendar_days, entry_of
from tasker_core.documents.calendars import CalendarDocument, CalendarRevisionDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.schedules.kinds.options import Recurring

LEFT_OUT_TOLD = 50


def calendar_item(calendar: CalendarDocument) -> CalendarItem:
    """A calendar in a list."""
    return CalendarItem.model_validate(_item_fields(calendar))


def calendar_response(
    calendar: CalendarDocument, counts: UseCounts, imported: ImportReport | None = None
) -> CalendarResponse:
    """A calendar, whole."""
    more = {"days": calendar["days"], "tasks": counts.tasks, "tasks_behind": counts.behind, "imported": imported}
    return CalendarResponse.model_validate(_item_fields(calendar) | more)


def calendar_task(task: TaskDocument, name: str) -> CalendarTask:
    """A task that uses a calendar."""
    schedule, description = stored_schedule(task["schedule_json"], task["_id"])
    return CalendarTask(
        id=task["_id"],
        name=task["name"],
        state=task["state"],
        requires=isinstance(schedule, Recurring) and name in schedule.require_calendars,
        calendar_version=next(use["version"] for use in task["calendars"] if use["name"] == name),
        schedule_description=description,
        next_at=task["next_at"],
    )


def calendar_revision(
    revision: CalendarRevisionDocument, before: CalendarRevisionDocument | None, *, is_first: bool
) -> CalendarRevision:
    """A version of a calendar against the one before; `is_first`: there was none."""
    added = removed = None
    if before is not None or is_first:
        old = calendar_days(before["days"] if before else ())
        gained, lost = changed_days(old, calendar_days(revision["days"]))
        added, removed = [entry_of(one) for one in gained], [entry_of(one) for one in lost]
    names = ("version", "deleted", "description", "effective_from", "actor", "channel", "note", "event_id", "days")
    fields: dict[str, Any] = {name: revision[name] for name in names}  # pyright: ignore[reportTypedDictNotRequiredAccess]
    return CalendarRevision.model_validate(fields | {"days_added": added, "days_removed": removed})


def import_report(found: ImportedDays) -> ImportReport:
    """What was taken of a file, and what was not."""
    return ImportReport(
        events=found.events,
        recurring=found.recurring,
        since=found.since.isoformat(),
        through=found.through.isoformat(),
        left_out_count=len(found.left_out),
        left_out=[
            LeftOutEvent(summary=one.summary, start=one.start, reason=one.reason)
            for one in found.left_out[:LEFT_OUT_TOLD]
        ],
    )


def _item_fields(calendar: CalendarDocument) -> dict[str, Any]:
    days = calendar_days(calendar["days"])
    return {
        "name": calendar["_id"],
        "description": calendar["description"],
        "version": calendar["version"],
        "entries": len(calendar["days"]),
        "days_count": days.count(),
        "last_day": None if days.last is None else days.last.isoformat(),
        "created_at": calendar["created_at"],
        "updated_at": calendar["effective_from"],
    }
