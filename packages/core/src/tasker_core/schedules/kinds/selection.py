"""Which kind of schedule an object is, told by its fields, so that errors lie at the field itself without a tag."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from tasker_core.schedules.kinds.calendar_interval import CalendarTimes
from tasker_core.schedules.kinds.cron import CronTimes
from tasker_core.schedules.kinds.interval import IntervalTimes
from tasker_core.schedules.kinds.once import OnceTimes
from tasker_core.schedules.kinds.options import OPTIONS
from tasker_core.schedules.kinds.times import Times, located_errors
from tasker_core.schedules.mended_schedule import with_suggestion
from tasker_core.time.duration import is_of_the_calendar

CALENDAR: Final = "calendar"
"""The kind of `every` together with `at`."""
_KEYS: Final = ("at", "cron", "every", "any", "manual")
_OF_MEMBERS: Final = ("at", "cron", "every")
_NO_MEMBERS: Final = {
    "any": "is itself a list; put its members into this one",
    "manual": "has no times to join; leave it out",
}
_CALENDAR_ONLY: Final = ("timezone", "month_end", "gap", "fold")


def kind_of(value: object, keys: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    """The kind of an object, one of `keys` or CALENDAR, and its fields. Raises ValueError or ValidationError."""
    names = f"exactly one of {', '.join(keys)}"
    if not isinstance(value, Mapping):
        raise ValueError(f"give an object with {names}")
    given = cast("Mapping[str, Any]", value)
    found = [key for key in _KEYS if key in given]
    if found == ["at", "every"]:
        return CALENDAR, given
    if len(found) != 1:
        raise ValueError(f"give {names}" + (f"; here are {' and '.join(found)}" if found else ""))
    if found == ["every"]:
        _check_interval(given)
    return found[0], given


def _check_interval(given: Mapping[str, Any]) -> None:
    """Tell what counts on the calendar from what counts elapsed time."""
    every = given["every"]
    if isinstance(every, str) and is_of_the_calendar(every):
        message = 'years and months have no fixed length; give `at` (such as "09:00") to count them on the calendar'
        raise located_errors({("every",): message}, given)
    message = 'elapsed time follows no clock; give `at` (such as "09:00") for whole days on local time, or leave it out'
    errors: dict[tuple[str | int, ...], str] = {(name,): message for name in _CALENDAR_ONLY if name in given}
    if errors:
        raise located_errors(errors, given)


def _member(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    if isinstance(value, Times):
        return handler(value)
    for key, message in _NO_MEMBERS.items():
        if isinstance(value, Mapping) and key in value:
            raise located_errors({(key,): message}, cast("Mapping[str, Any]", value))
    kind, given = kind_of(cast("object", value), _OF_MEMBERS)
    if idle := [name for name in OPTIONS if name in given]:
        message = "holds for the whole schedule; give it beside `any`"
        raise located_errors({(name,): message for name in idle}, given)
    try:
        return MEMBERS[kind].model_validate(given)
    except ValidationError as error:
        raise with_suggestion(error, given, _of_its_kind) from None


def _of_its_kind(given: Mapping[str, Any]) -> Times:
    kind, fields = kind_of(given, _OF_MEMBERS)
    return MEMBERS[kind].model_validate(fields)


MEMBERS: Final[dict[str, type[OnceTimes] | type[CronTimes] | type[IntervalTimes] | type[CalendarTimes]]] = {
    "at": OnceTimes,
    "cron": CronTimes,
    "every": IntervalTimes,
    CALENDAR: CalendarTimes,
}
Member = Annotated[OnceTimes | CronTimes | IntervalTimes | CalendarTimes, WrapValidator(_member)]
"""One of the times that a schedule joins."""
