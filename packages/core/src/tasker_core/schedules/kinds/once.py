"""Once: a single instant."""

from typing import ClassVar

from pydantic import field_validator, model_validator

from tasker_core.schedules.kinds.options import Spread
from tasker_core.schedules.kinds.times import OptionalZone, ScheduleKind, Times, ZoneName, located_errors
from tasker_core.schedules.wording import clock_change_in_words, instant_in_words
from tasker_core.time.local_time import has_offset, parse_instant, parse_instant_in_zone
from tasker_core.time.wall_times import NEVER
from tasker_core.time.zones import DAY


class OnceTimes(Times):
    """One instant: `at` with an offset, or local time in `timezone`. Fractions round up to the second.

    Local time that a clock change skips is the first instant after it; local time that comes twice is the first one.
    """

    key: ClassVar[str] = "at"

    at: str
    timezone: OptionalZone = None

    @field_validator("at")
    @classmethod
    def _an_instant(cls, value: str) -> str:
        parse_instant_in_zone(value, "UTC")  # which zone it is depends on the other fields
        return value

    @property
    def second(self) -> int:
        """The epoch second. Raises ValueError for local time without a zone."""
        return parse_instant(self.at, self.timezone)[0]

    @property
    def zone_name(self) -> str | None:
        """`timezone`."""
        return self.timezone

    def next_after(self, after: int) -> int:
        """The instant, if it lies after `after`."""
        return second if (second := self.second) > after else NEVER

    def previous_before(self, before: int) -> int:
        """The instant, if it lies before `before`."""
        return second if (second := self.second) < before else -NEVER

    def times_of_day(self, midnight: int) -> int:
        """Its time of day, on whichever day."""
        return 1 << (self.second - midnight) % DAY

    def completed(self, timezone: str | None, start: int) -> "OnceTimes":
        """The same with a zone, if it is local time that names none."""
        if timezone is None or self.timezone is not None or has_offset(self.at):
            return self
        return self.model_copy(update={"timezone": timezone})

    def in_words(self) -> str:
        """`Once, on 24 December 2026 at 18:00 (+01:00)`."""
        return f"Once, on {instant_in_words(self.second, self.at, self.timezone)}"

    def notes(self, after: int | None) -> list[str]:
        """That a clock change skips it, or shows it twice."""
        if self.timezone is None:
            return []
        second, how = parse_instant(self.at, self.timezone)
        if how == "once":
            return []
        return [clock_change_in_words(self.at, self.timezone, second, how, fires="it fires at")]


class Once(ScheduleKind, OnceTimes):
    """One instant: `at` with an offset, or local time in `timezone`. Fractions round up to the second.

    Local time that a clock change skips is the first instant after it; local time that comes twice is the first one.
    """

    is_one_time: ClassVar[bool] = True

    timezone: ZoneName | None = None  # null is written, as ever: somebody may read it
    spread: Spread = None

    @model_validator(mode="after")
    def _one_instant(self) -> "Once":
        try:
            parse_instant(self.at, self.timezone)
        except ValueError as error:
            raise located_errors({("at",): str(error)}, self.model_dump()) from None
        return self

    @property
    def spread_seconds(self) -> int:
        """The window of `spread`."""
        return int(self.spread.total_seconds()) if self.spread else 0
