"""The options of schedules that may fire again and again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, PrivateAttr, field_validator, model_validator

from tasker_core.calendars.calendar import MAX_CALENDARS, CalendarName
from tasker_core.calendars.calendar_days import CalendarDays
from tasker_core.errors import at_most
from tasker_core.schedules.exclusion import MAX_ENTRIES, Exclusion, checked, exclusion, exclusion_by_calendars
from tasker_core.schedules.kinds.times import ScheduleKind, located_errors
from tasker_core.time.duration import Duration
from tasker_core.time.local_time import parse_instant, parse_instant_in_zone
from tasker_core.time.wall_times import NEVER

MAX_SPREAD: Final = timedelta(days=1)


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


def _without_repeats(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _absent(value: object) -> bool:
    return not value


Seconds = Annotated[Duration, AfterValidator(_whole_seconds)]
# What is absent stays absent: an option that is not used is not written either.
Bound = Annotated[str | None, Field(exclude_if=_absent)]
MaxRuns = Annotated[int | None, Field(ge=1, exclude_if=_absent)]
Exclude = Annotated[
    tuple[Annotated[str, AfterValidator(checked)], ...],
    Field(max_length=MAX_ENTRIES, exclude_if=_absent),
    at_most(MAX_ENTRIES),
]
Calendars = Annotated[
    tuple[CalendarName, ...],
    Field(max_length=MAX_CALENDARS, exclude_if=_absent),
    AfterValidator(_without_repeats),
    at_most(MAX_CALENDARS),
]
Spread = Annotated[Annotated[Seconds, AfterValidator(_at_most_a_day)] | None, Field(exclude_if=_absent)]


def calendar_places(schedule: ScheduleKind) -> list[tuple[str, str]]:
    """The calendars of a schedule, each with the pointer to it from the task."""
    fields = ("exclude_calendars", "require_calendars")
    given = [(field, getattr(schedule, field)) for field in fields] if isinstance(schedule, Recurring) else []
    return [(name, f"/schedule/{field}/{index}") for field, names in given for index, name in enumerate(names)]


OPTIONS: Final = ("start", "end", "max_runs", "exclude", "exclude_calendars", "require_calendars", "spread")


class Recurring(ScheduleKind):
    """`start` and `end` are inclusive, with an offset or at the schedule's own clock; `max_runs` counts scheduled runs;
    `exclude` holds dates, ranges of dates and cron expressions; nothing fires on the days of any of
    `exclude_calendars`, nor on a day that one of `require_calendars` lacks (names; their days are read as `exclude`
    is); `spread` is a window in which the task has its place.
    """

    start: Bound = None
    end: Bound = None
    max_runs: MaxRuns = None
    exclude: Exclude = ()
    exclude_calendars: Calendars = ()
    require_calendars: Calendars = ()
    spread: Spread = None

    _by_calendars: Exclusion | None = PrivateAttr(default=None)

    @field_validator("start", "end")
    @classmethod
    def _a_bound(cls, value: str | None) -> str | None:
        if value is not None:
            parse_instant_in_zone(value, "UTC")  # which zone it is depends on the other fields
        return value

    @model_validator(mode="after")
    def _in_order(self) -> "Recurring":
        for name in ("start", "end"):
            text, zone_name = getattr(self, name), self.zone_name
            try:
                if text is not None and zone_name is None:
                    parse_instant(text, None)
            except ValueError as error:
                raise located_errors({(name,): str(error)}, self.model_dump()) from None
        if both := [name for name in self.require_calendars if name in self.exclude_calendars]:
            message = f"{both[0]} is excluded, too: no day would be left; leave it out of one of both"
            raise located_errors({("require_calendars",): message}, self.model_dump())
        first, last = self.bounds
        if last < first < NEVER and self.end is not None:
            raise located_errors({("end",): f"lies before the start, {self.start}"}, self.model_dump())
        return self

    @property
    def bounds(self) -> tuple[int, int]:
        """`start` and `end`."""
        if self.start is None and self.end is None:
            return -NEVER, NEVER
        zone_name = self.zone_name
        return (
            -NEVER if self.start is None else parse_instant_in_zone(self.start, zone_name)[0],
            NEVER if self.end is None else parse_instant_in_zone(self.end, zone_name, down=True)[0],
        )

    @property
    def exclusion(self) -> Exclusion | None:
        """What `exclude` holds, and the calendars leave out. Raises ValueError where their days are not known."""
        if self._by_calendars is not None:
            return self._by_calendars
        if names := self.calendar_names:
            raise ValueError(f"the days of the calendar {names[0]} are not known here")
        return exclusion(self.exclude) if self.exclude else None

    @property
    def calendar_names(self) -> tuple[str, ...]:
        """The calendars that it excludes, then those that it requires."""
        return (*self.exclude_calendars, *self.require_calendars)

    @property
    def calendar_exclusion(self) -> Exclusion | None:
        """What is left out, once the days of calendars are known; None before, and without any."""
        return self._by_calendars

    def with_calendars(self, days: Mapping[str, CalendarDays]) -> Self:
        """The same with the days of its calendars, by their names. Raises KeyError for one that is not there."""
        if not self.calendar_names:
            return self
        excluded = tuple(days[name] for name in self.exclude_calendars)
        required = tuple(days[name] for name in self.require_calendars)
        return self.model_copy().under(exclusion_by_calendars(self.exclude, excluded, required))

    def under(self, by_calendars: Exclusion | None) -> Self:
        """Itself, made to leave out what was made of `exclude` and calendars: for one that was just made."""
        self._by_calendars = by_calendars
        return self

    @property
    def run_limit(self) -> int | None:
        """`max_runs`."""
        return self.max_runs

    @property
    def spread_seconds(self) -> int:
        """The window of `spread`."""
        return int(self.spread.total_seconds()) if self.spread else 0
