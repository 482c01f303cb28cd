"""The options of schedules that may fire again and again."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, field_validator, model_validator

from tasker_core.errors import at_most
from tasker_core.schedules.exclusion import MAX_ENTRIES, Exclusion, checked, exclusion
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
Spread = Annotated[Annotated[Seconds, AfterValidator(_at_most_a_day)] | None, Field(exclude_if=_absent)]

OPTIONS: Final = ("start", "end", "max_runs", "exclude", "spread")


class Recurring(ScheduleKind):
    """`start` and `end` are inclusive, with an offset or at the schedule's own clock; `max_runs` counts scheduled runs;
    `exclude` holds dates, ranges of dates and cron expressions; `spread` is a window in which the task has its place.
    """

    start: Bound = None
    end: Bound = None
    max_runs: MaxRuns = None
    exclude: Exclude = ()
    spread: Spread = None

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
        """What `exclude` holds."""
        return exclusion(self.exclude) if self.exclude else None

    @property
    def run_limit(self) -> int | None:
        """`max_runs`."""
        return self.max_runs

    @property
    def spread_seconds(self) -> int:
        """The window of `spread`."""
        return int(self.spread.total_seconds()) if self.spread else 0
