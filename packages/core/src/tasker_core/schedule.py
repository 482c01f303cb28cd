"""When a task runs: once, by a cron expression, or at an interval. Instants are epoch seconds."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from tasker_core.cron import NEVER as NEVER
from tasker_core.cron import CronExpression, Fold, Gap
from tasker_core.cron_dialect import parse as parse_fields
from tasker_core.duration import Duration
from tasker_core.errors import NOT_YET
from tasker_core.instant import rfc3339_second
from tasker_core.zones import BEGIN_OF_TIME, END_OF_TIME, first_instant, utc, zone

COMING: Final = frozenset({"start", "end", "max_runs", "exclude", "spread"})
"""Options of the design that this version does not have: told apart from typos, never accepted and ignored."""

_AT = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,20}))?)?"
    r"(?P<offset>Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Once(_Frozen):
    """One instant: `at` with an offset, or local time in `timezone`. Fractions round up to the second.

    Local time that a clock change skips is the first instant after it; local time that comes twice is the first one.
    """

    at: str
    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        return value if value is None else _known_zone(value)

    @model_validator(mode="after")
    def _one_instant(self) -> "Once":
        try:
            _once(self.at, self.timezone)
        except ValueError as error:
            raise _wrong({"at": str(error)}, self.model_dump()) from None
        return self

    @property
    def second(self) -> int:
        """The epoch second."""
        return _once(self.at, self.timezone)[0]


class Cron(_Frozen):
    """A cron expression in a time zone (docs/schedules.md). `gap` and `fold` tell what a clock change does to it."""

    cron: str
    timezone: str = "UTC"
    gap: Gap = "shift"
    fold: Fold = "first"

    @field_validator("cron")
    @classmethod
    def _understood(cls, value: str) -> str:
        parse_fields(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        return _known_zone(value)

    @property
    def expression(self) -> CronExpression:
        """The parsed expression."""
        return CronExpression.parse(self.cron, self.timezone, self.gap, self.fold)


class Interval(_Frozen):
    """Every so much elapsed time (whole seconds), at `anchor` and from there on; no anchor: the second of creation."""

    every: Duration
    anchor: str | None = None

    @field_validator("every")
    @classmethod
    def _whole_seconds(cls, value: timedelta) -> timedelta:
        if value < timedelta(seconds=1):
            raise ValueError("shorter than one second; give at least PT1S")
        if value.microseconds:
            raise ValueError("not a whole number of seconds")
        return value

    @field_validator("anchor")
    @classmethod
    def _instant(cls, value: str | None) -> str | None:
        if value is not None:
            _once(value, None)
        return value

    @property
    def seconds(self) -> int:
        """The distance in seconds."""
        return self.every // timedelta(seconds=1)

    @property
    def anchor_second(self) -> int:
        """The epoch second of the first occurrence. Raises ValueError when there is no anchor yet."""
        if self.anchor is None:
            raise ValueError("the interval has no anchor yet; see anchored()")
        return _once(self.anchor, None)[0]

    def anchored(self, creation_second: int) -> "Interval":
        """The same with an anchor: its own, else the second of creation."""
        return self if self.anchor else self.model_copy(update={"anchor": rfc3339_second(creation_second)})


def _chosen(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """Tell the kinds apart by their key, so that errors lie at the field itself without a tag of the union."""
    if isinstance(value, _Frozen):
        return handler(value)
    kinds: dict[str, type[_Frozen]] = {"at": Once, "cron": Cron, "every": Interval}
    if not isinstance(value, Mapping):
        raise ValueError("give an object with exactly one of at, cron, every")
    given = cast("Mapping[str, Any]", value)
    if coming := {name: NOT_YET for name in given if name in COMING}:
        raise _wrong(coming, given)
    found = [kind for key, kind in kinds.items() if key in given]
    if len(found) != 1:
        raise ValueError("give exactly one of at, cron, every")
    return found[0].model_validate(given)


Schedule = Annotated[Once | Cron | Interval, WrapValidator(_chosen)]
"""Exactly one of the three, told apart by `at`, `cron` or `every`. Error locations bear no tag: (…, "cron")."""


def next_after(schedule: Schedule, after: int) -> int:
    """The smallest nominal second strictly after `after`; NEVER when none is left.

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
    """The greatest nominal second strictly before `before`; -NEVER when there is none.

    Raises ValueError for an interval without anchor.
    """
    if isinstance(schedule, Cron):
        return schedule.expression.previous_before(before)
    if isinstance(schedule, Once):
        return schedule.second if schedule.second < before else -NEVER
    first, step = schedule.anchor_second, schedule.seconds
    before = min(before, END_OF_TIME)
    return first + (before - 1 - first) // step * step if before > first else -NEVER


def notes(schedule: Schedule) -> list[str]:
    """What a user might not expect of this schedule, one sentence each."""
    if isinstance(schedule, Once):
        return _notes_once(schedule)
    if isinstance(schedule, Interval):
        return []
    found: list[str] = []
    expression = schedule.expression
    if expression.fields.days.either:
        found.append("day-of-month and weekday are both restricted: a day matches if either does")
    if expression.follows_elapsed_time and (schedule.gap, schedule.fold) != ("shift", "first"):
        found.append(
            "gap and fold make no difference here: an expression with *, - or / in minute or hour follows elapsed time"
        )
    return found


def _notes_once(schedule: Once) -> list[str]:
    second, how = _once(schedule.at, schedule.timezone)
    if schedule.timezone is None or how == "once":
        return []
    fires = utc(second).astimezone(zone(schedule.timezone))
    shown = f"{fires:%H:%M:%S}".removesuffix(":00") + fires.isoformat()[-6:]
    day, time = schedule.at[:10], schedule.at[11:]
    if how == "gap":
        return [f"{time} does not exist on {day} in {schedule.timezone}; it fires at {shown}"]
    return [f"{time} comes twice on {day} in {schedule.timezone}; it fires at the first, {shown}"]


@lru_cache(maxsize=65_536)
def _once(at: str, timezone: str | None) -> tuple[int, Literal["once", "gap", "fold"]]:
    """The epoch second, rounded up, and how often the clock shows it. Raises ValueError."""
    if (match := _AT.fullmatch(at)) is None:
        raise ValueError(f"{at[:40]!r} is not a date and time; write it like 2026-12-24T18:00:00+01:00")
    minute, second, fraction, offset = match.groups()
    if offset and timezone:
        raise ValueError("has an offset already; leave the timezone out, or the offset")
    if not offset and not timezone:
        raise ValueError("no instant yet; add an offset or a timezone")
    try:
        stated = datetime.fromisoformat(f"{minute}:{second or '00'}{(offset or 'Z').upper()}")
    except ValueError as error:
        raise ValueError(f"{at!r} does not exist: {error}") from None
    whole = int(stated.timestamp()) + (1 if (fraction or "").strip("0") else 0)
    if not BEGIN_OF_TIME <= whole < END_OF_TIME:
        raise ValueError("the year is not within 1970 to 2199")
    return first_instant(zone(timezone), whole) if timezone else (whole, "once")


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
