"""PURE. Events that change a calendar, in the partition of its name. What becomes of tasks: calendar_handover.py."""

from msgspec import Raw

from tasker_core.calendars.calendar import Calendar
from tasker_core.errors import FieldError
from tasker_core.events.calendar_event import CalendarEvent
from tasker_core.messages.base import encode
from tasker_core.ticker_state import CalendarState
from tasker_core.time.instant import rfc3339_second
from tasker_ticker.scheduling.events.event_context import EventContext


def apply(context: EventContext, event: CalendarEvent) -> None:
    """Define a calendar, or delete it: tasks that are under it keep its days, and no other one can use it."""
    name = context.origin.task_id
    known = context.state.calendars.own.get(name)
    current = None if known is None or known.deleted else known
    context.note = event.note
    if known is not None and (
        context.event_id in known.recent or (context.forwarded and context.appended < known.changed)
    ):
        context.answer("superseded", None, version=current.version if current else None)
    elif error := _version_error(current.version if current else 0, event.if_version):
        context.answer("rejected", None, version=current.version if current else None, errors=(error,))
    elif event.calendar is None and current is None:
        context.reject(FieldError(pointer="/calendar", message="there is no such calendar"))
    else:
        _define(context, name, event.calendar, known.recent if known else ())


def _define(context: EventContext, name: str, calendar: Calendar | None, recent: tuple[str, ...]) -> None:
    defined = CalendarState(
        version=context.version,
        description="" if calendar is None else calendar.description,
        days=() if calendar is None else calendar.days,
        effective_from=rfc3339_second(context.at),
        deleted=calendar is None,
        changed=context.appended,
        recent=(*recent, context.event_id)[-context.state.limits.recent_events :],
    )
    context.state.calendars.define(name, defined)
    context.records.store_calendar(name, defined)
    if calendar is None:
        context.answer("accepted", None, version=context.version)
    else:
        content = Raw(encode(calendar.model_dump(mode="json")))
        context.answer("accepted", None, version=context.version, calendar=content)


def _version_error(version: int, if_version: int | None) -> FieldError | None:
    if if_version is None or if_version == version:
        return None
    actual = f"the calendar is at version {version}" if version else "there is no such calendar"
    return FieldError(pointer="/if_version", message=f"{actual}, not {if_version}")
