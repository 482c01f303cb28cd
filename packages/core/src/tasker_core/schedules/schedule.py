"""When a task runs: exactly one of the kinds. What their options make of their times is in `occurrences.py`."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from tasker_core.schedules.kinds.any_of import AnyOf
from tasker_core.schedules.kinds.calendar_interval import CalendarInterval
from tasker_core.schedules.kinds.cron import Cron
from tasker_core.schedules.kinds.interval import Interval
from tasker_core.schedules.kinds.manual import Manual
from tasker_core.schedules.kinds.once import Once
from tasker_core.schedules.kinds.options import OPTIONS
from tasker_core.schedules.kinds.selection import CALENDAR, kind_of
from tasker_core.schedules.kinds.times import ScheduleKind, located_errors
from tasker_core.schedules.mended_schedule import with_suggestion
from tasker_core.time.wall_times import NEVER as NEVER

_KINDS: Final[dict[str, type[ScheduleKind]]] = {
    "at": Once,
    "cron": Cron,
    "every": Interval,
    CALENDAR: CalendarInterval,
    "any": AnyOf,
    "manual": Manual,
}
_KEYS: Final = ("at", "cron", "every", "any", "manual")
_WITHOUT_OPTIONS: Final = {
    "at": (OPTIONS[:-1], "a one-time schedule has a single occurrence and takes no {}; leave it out"),
    "manual": (OPTIONS, "a manual schedule has no times of its own and takes no {}; leave it out"),
}


def _chosen(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """Tell the kinds apart by their fields, so that errors lie at the field itself without a tag of the union."""
    if isinstance(value, ScheduleKind):
        return handler(value)
    kind, given = kind_of(value, _KEYS)
    options, message = _WITHOUT_OPTIONS.get(kind, ((), ""))
    if idle := [name for name in options if name in given]:
        raise located_errors({(name,): message.format(name) for name in idle}, given)
    try:
        return _KINDS[kind].model_validate(given)
    except ValidationError as error:
        raise with_suggestion(error, given, _of_its_kind) from None


def _of_its_kind(given: Mapping[str, Any]) -> ScheduleKind:
    kind, fields = kind_of(given, _KEYS)
    return _KINDS[kind].model_validate(fields)


Schedule = Annotated[
    Once | Cron | Interval | CalendarInterval | AnyOf | Manual,
    WrapValidator(_chosen),
]
"""Exactly one of the kinds, distinguished by its fields. Error locations bear no tag: (…, "cron")."""


def from_json(text: bytes) -> Schedule:
    """The schedule that services keep as JSON, its distinguishing key in front. Raises ValidationError."""
    key = text[2 : text.index(b'"', 2)].decode()
    kind = CALENDAR if key == "every" and b',"at":"' in text else key
    return cast("Schedule", _KINDS[kind].model_validate_json(text))


def for_task(schedule: Schedule, task_id: str) -> Schedule:
    """The schedule with the values that each `H` of it has for a task; itself when it has none."""
    return schedule.for_task(task_id) if schedule.has_hash else schedule
