"""Events about calendars: `calendar` and `calendar-delete`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from tasker_core.calendars.calendar import Calendar, parse_calendar
from tasker_core.events.event_data import CalendarData, CalendarDeleteData, validated
from tasker_core.events.event_origin import EventOrigin


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """A calendar to define, or (`calendar` None) to delete: the one whose name its origin has for a task id.

    `if_version`: None always, 0 only create, n only if n is current.
    """

    origin: EventOrigin
    calendar: Calendar | None
    if_version: int | None = None
    note: str | None = None


def named_calendar(data: Mapping[str, Any]) -> object:
    """What stands for the name of the calendar in the data of an event, whatever it is."""
    given = data.get("calendar")
    return cast("dict[str, object]", given).get("name") if isinstance(given, dict) else given


def calendar_event(origin: EventOrigin, data: Mapping[str, Any]) -> CalendarEvent:
    """A `calendar` event. Raises InvalidInput."""
    put = validated(CalendarData, data)
    calendar = parse_calendar(put.calendar)
    return CalendarEvent(origin=origin, calendar=calendar, if_version=put.if_version, note=put.note)


def calendar_delete_event(origin: EventOrigin, data: Mapping[str, Any]) -> CalendarEvent:
    """A `calendar-delete` event. Raises InvalidInput."""
    delete = validated(CalendarDeleteData, data)
    return CalendarEvent(origin=origin, calendar=None, if_version=delete.if_version, note=delete.note)
