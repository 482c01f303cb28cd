"""When a task runs: once, by a cron expression, or at an interval. Instants are epoch seconds.

`next_after` and `previous_before` answer from the bare schedule; what its options (bounds, exclusions, spread) make of
it is in `occurrences.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.cron.expression import NEVER as NEVER
from tasker_core.cron.expression import CronExpression, Fold, Gap
from tasker_core.schedules.exclusion import MAX_ENTRIES, checked
from tasker_core.time.duration import Duration
from tasker_core.time.instant import rfc3339_second
from tasker_core.time.local_time import parse_instant, parse_instant_in_zone
from tasker_core.time.zones import END_OF_TIME, zone

MAX_SPREAD: Final = timedelta(days=1)
_RECURRING_ONLY: Final = ("start", "end", "max_runs", "exclude")


def _whole_seconds(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise ValueError("shorter than one second; give at least PT1S")
    if value.microseconds:
        raise ValueError("not a whole number of seconds")
    return value


def _at_most_a_day(value: timedelta) -> timedelta:
    if value > MAX_SPREAD:
        raise ValueError("longer than a day; give at most P1D")
    return value


def _absent(value: object) -> bool:
    return not value


Seconds = Annotated[Duration, AfterValidator(_whole_seconds)]
# What is absent stays absent: an option that is not used is not written either.
Bound = Annotated[str | None, Field(exclude_if=_absent)]
MaxRuns = Annotated[int | None, Field(ge=1, exclude_if=_absent)]
Exclude = Annotated[
    tuple[Annotated[str, AfterValidator(checked)], ...], Field(max_length=MAX_ENTRIES, exclude_if=_absent)
]
Spread = Annotated[Annotated[Seconds, AfterValidator(_at_most_a_day)] | None, Field(exclude_if=_absent)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Once(_Frozen):
    """One instant: `at` with an offset, or local time in `timezone`. Fractions round up to the second.

    Local time that a clock change skips is the first instant after it; local time that comes twice is the first one.
    """

    at: str
    timezone: str | None = None
    spread: Spread = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        return value if value is None else _known_zone(value)

    @model_validator(mode="after")
    def _one_instant(self) -> "Once":
        try:
            parse_instant(self.at, self.timezone)
        except ValueError as error:
            raise _wrong({"at": str(error)}, self.model_dump()) from None
        return self

    @property
    def second(self) -> int:
        """The epoch second."""
        return parse_instant(self.at, self.timezone)[0]


class Cron(_Frozen):
    """A cron expression in a time zone (docs/schedules.md). `gap` and `fold` decide what a clock change does to it.

    `start` and `end` are inclusive, with an offset or at the clock of `timezone`; `max_runs` counts scheduled runs;
    `exclude` holds dates, ranges of dates and cron expressions; `spread` is a window in which the task has its place.
    """

    cron: str
    timezone: str = "UTC"
    gap: Gap = "shift"
    fold: Fold = "first"
    start: Bound = None
    end: Bound = None
    max_runs: MaxRuns = None
    exclude: Exclude = ()
    spread: Spread = None

    @field_validator("cron")
    @classmethod
    def _understood(cls, value: str) -> str:
        parse_fields(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return _known_zone(value)

    @field_validator("start", "end")
    @classmethod
    def _bound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return _checked_bound(value, info, info.data.get("timezone", "UTC"))

    @property
    def expression(self) -> CronExpression:
        """The parsed expression."""
        return CronExpression.parse(self.cron, self.timezone, self.gap, self.fold)


class Interval(_Frozen):
    """Every so much elapsed time (whole seconds), at `anchor` and from there on; no anchor: the second of creation.

    The options are those of Cron; instants bear an offset, and the clock of `exclude` is UTC.
    """

    every: Seconds
    anchor: str | None = None
    start: Bound = None
    end: Bound = None
    max_runs: MaxRuns = None
    exclude: Exclude = ()
    spread: Spread = None

    @field_validator("anchor")
    @classmethod
    def _instant(cls, value: str | None) -> str | None:
        if value is not None:
            parse_instant(value, None)
        return value

    @field_validator("start", "end")
    @classmethod
    def _bound(cls, value: str | None, info: ValidationInfo) -> str | None:
        return _checked_bound(value, info, None)

    @property
    def seconds(self) -> int:
        """The distance in seconds."""
        return self.every // timedelta(seconds=1)

    @property
    def anchor_second(self) -> int:
        """The epoch second of the first occurrence. Raises ValueError when there is no anchor yet."""
        if self.anchor is None:
            raise ValueError("the interval has no anchor yet; see anchored()")
        return parse_instant(self.anchor, None)[0]

    def anchored(self, creation_second: int) -> "Interval":
        """The same with an anchor: its own, else the second of creation."""
        return self if self.anchor else self.model_copy(update={"anchor": rfc3339_second(creation_second)})


_KINDS: Final[dict[str, type[Once] | type[Cron] | type[Interval]]] = {"at": Once, "cron": Cron, "every": Interval}


def _chosen(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """Tell the kinds apart by their key, so that errors lie at the field itself without a tag of the union."""
    if isinstance(value, _Frozen):
        return handler(value)
    if not isinstance(value, Mapping):
        raise ValueError("give an object with exactly one of at, cron, every")
    given = cast("Mapping[str, Any]", value)
    found = [kind for key, kind in _KINDS.items() if key in given]
    if len(found) != 1:
        raise ValueError("give exactly one of at, cron, every")
    if found == [Once] and (idle := [name for name in _RECURRING_ONLY if name in given]):
        message = "a one-time schedule has a single occurrence and takes no {}; leave it out"
        raise _wrong({name: message.format(name) for name in idle}, given)
    return found[0].model_validate(given)


Schedule = Annotated[Once | Cron | Interval, WrapValidator(_chosen)]
"""Exactly one of the three, distinguished by `at`, `cron` or `every`. Error locations bear no tag: (…, "cron")."""


def from_json(text: bytes) -> Schedule:
    """The schedule that services keep as JSON, its distinguishing key in front. Raises ValidationError."""
    key = text[2 : text.index(b'"', 2)].decode()
    return _KINDS[key].model_validate_json(text)


def next_after(schedule: Schedule, after: int) -> int:
    """The smallest nominal second strictly after `after`, whatever the options say; NEVER when none is left.

    Raises ValueError for an interval without anchor.
    """
    if isinstance(schedule, Cron):
        return schedule.expression.next_after(after)
    if isinstance(schedule, Once):
        return schedule.second if schedule.second > after else NEVER
    first, step = schedule.anchor_second, schedule.seconds
    found = first if after < first else first + ((after - first) // step + 1) * step
    return found if found < END_OF_TIME else NEVER


def previous_before(schedule: Schedule, before: int) -> int:
    """The greatest nominal second strictly before `before`, whatever the options say; -NEVER when there is none.

    Raises ValueError for an interval without anchor.
    """
    if isinstance(schedule, Cron):
        return schedule.expression.previous_before(before)
    if isinstance(schedule, Once):
        return schedule.second if schedule.second < before else -NEVER
    first, step = schedule.anchor_second, schedule.seconds
    before = min(before, END_OF_TIME)
    return first + (before - 1 - first) // step * step if before > first else -NEVER


def bounds(schedule: Schedule) -> tuple[int, int]:
    """The first and the last second at which an occurrence may lie: `start` and `end`, -NEVER and NEVER without."""
    if isinstance(schedule, Once):
        return -NEVER, NEVER
    zone_name = schedule.timezone if isinstance(schedule, Cron) else None
    return (
        -NEVER if schedule.start is None else parse_instant_in_zone(schedule.start, zone_name)[0],
        NEVER if schedule.end is None else parse_instant_in_zone(schedule.end, zone_name, down=True)[0],
    )


def clock(schedule: Schedule) -> ZoneInfo:
    """The schedule's own clock, by which `exclude` is read: its `timezone`, UTC when it has none."""
    return zone("UTC" if isinstance(schedule, Interval) or schedule.timezone is None else schedule.timezone)


def _checked_bound(value: str | None, info: ValidationInfo, timezone: str | None) -> str | None:
    if value is None:
        return None
    ending = info.field_name == "end"
    second, _ = parse_instant_in_zone(value, timezone, down=ending)
    if ending and (start := info.data.get("start")) is not None and second < parse_instant_in_zone(start, timezone)[0]:
        raise ValueError(f"lies before the start, {start}")
    return value


def _known_zone(name: str) -> str:
    zone(name)
    return name


def _wrong(messages: Mapping[str, str], given: Mapping[str, Any]) -> ValidationError:
    """An error that lies at the named fields."""
    details = [
        InitErrorDetails(
            type=PydanticCustomError("schedule", "{message}", {"message": message}), loc=(name,), input=given[name]
        )
        for name, message in messages.items()
    ]
    return ValidationError.from_exception_data("schedule", details)
