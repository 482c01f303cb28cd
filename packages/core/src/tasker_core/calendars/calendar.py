"""What a user defines: a calendar, a set of days under a name."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tasker_core.calendars.calendar_days import day_range
from tasker_core.errors import FieldError, InvalidInput, at_most, field_errors
from tasker_core.ids import MAX_TASK_ID, TASK_ID_PATTERN, is_task_id
from tasker_core.texts import Description

MAX_CALENDAR_ENTRIES: Final = 2_000
"""Of one calendar: with as many an event, a copy and a document stay far below 1 MiB."""
MAX_CALENDARS: Final = 10
"""So many calendars one schedule excludes, and so many it requires."""


def _name(text: str) -> str:
    if is_task_id(text):
        return text
    raise ValueError(
        f"{text[:40]!r} is no name of a calendar; it has 1 to {MAX_TASK_ID} of A-Z a-z 0-9 . _ - and begins with a "
        "letter or digit"
    )


def _entry(text: str) -> str:
    if day_range(text) is None:
        raise ValueError(f"{text[:40]!r} is neither a date (2026-12-25) nor a range of dates (2026-12-24/2027-01-01)")
    return text


def _in_order(entries: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(entries)))


CalendarName = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": TASK_ID_PATTERN})]
"""The name of a calendar: what may be an id of a task may be one."""
_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CalendarEntry = Annotated[str, AfterValidator(_entry), Field(json_schema_extra={"pattern": f"^{_DATE}(/{_DATE})?$"})]
CalendarEntries = Annotated[
    tuple[CalendarEntry, ...],
    Field(max_length=MAX_CALENDAR_ENTRIES),
    AfterValidator(_in_order),
    at_most(MAX_CALENDAR_ENTRIES),
]


class Calendar(BaseModel):
    """A calendar as users send it: `days` are dates and closed ranges of dates, at most 2,000, kept in their order.

    A calendar without any day is one: nothing is left out by it, and whatever requires it does not run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: CalendarName
    description: Description = ""
    days: CalendarEntries


def parse_calendar(data: Mapping[str, Any]) -> Calendar:
    """The calendar that `data` describes. Raises InvalidInput; pointers are from the event."""
    try:
        return Calendar.model_validate(data)
    except ValidationError as error:
        found = field_errors(error.errors(include_url=False))
        errors = [one.model_copy(update={"pointer": f"/calendar{one.pointer}"}) for one in found]
        raise InvalidInput(errors) from None


def unknown_calendars(places: Mapping[str, str], known: list[str], *, readable: bool = True) -> list[FieldError]:
    """That there are no calendars of these names, each with the pointer to it, and which there are."""
    listed = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    there = f"known: {listed}" if known else "there is none yet"
    hint = "" if readable else "; calendars can't be read at the moment, so try again in a while"
    return [
        FieldError(
            pointer=at, message=f"there is no calendar {name!r} ({there}): create it first, or leave it out{hint}"
        )
        for name, at in places.items()
    ]
