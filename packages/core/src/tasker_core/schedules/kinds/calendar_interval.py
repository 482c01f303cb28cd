"""Calendar interval: every so many days, weeks, months or years, at a time of the day in a time zone."""

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar, Final

from pydantic import Field, field_validator

from tasker_core.cron.description import WEEKDAYS, join_words
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.kinds.times import OptionalAnchor, OptionalZone, Times, ZoneName
from tasker_core.schedules.wording import date_in_words
from tasker_core.time.calendar_period import CalendarPeriod, MonthEnd, parse_period, walls_of
from tasker_core.time.wall_times import NEVER, Fold, Gap, ZonedTimes
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME, MARGIN, utc, zone

_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_FULL_MONTHS: Final = 28
"""No month has fewer days."""
_DATES_LOOKED_AT: Final = 48
_DATES_TOLD: Final = 3


class CalendarTimes(Times):
    """Every so many days, weeks, months or years (`every`: `P3D`, `P2W`, `P5M`, `P1Y`) at the time `at` in `timezone`.

    Counted without drift from the local date `anchor`, the day of the first occurrence. `month_end`: a month that is
    too short for the anchor's day has its occurrence on its `last` day, or is left out (`skip`). `gap` and `fold`
    decide what a clock change does to it, as for a cron expression with a fixed time.
    """

    key: ClassVar[str] = "every"

    every: Annotated[str, Field(json_schema_extra={"pattern": "^[Pp][0-9]{1,5}[DWMYdwmy]$"})]
    at: Annotated[str, Field(json_schema_extra={"pattern": f"^{_TIME.pattern}$"})]
    timezone: OptionalZone = None
    anchor: OptionalAnchor = None
    month_end: MonthEnd = "last"
    gap: Gap = "shift"
    fold: Fold = "first"

    @field_validator("every")
    @classmethod
    def _a_period(cls, value: str) -> str:
        parse_period(value)
        return value.upper()

    @field_validator("at")
    @classmethod
    def _a_time(cls, value: str) -> str:
        _time_of_day(value)
        return value

    @field_validator("anchor")
    @classmethod
    def _a_date(cls, value: str | None) -> str | None:
        if value is not None:
            _date_of(value)
        return value

    @property
    def period(self) -> CalendarPeriod:
        """`every`, parsed."""
        return parse_period(self.every)

    @property
    def anchor_date(self) -> date:
        """The local date of the first occurrence. Raises ValueError when there is no anchor yet."""
        if self.anchor is None:
            raise ValueError("the interval has no anchor yet; see anchors.py")
        return _date_of(self.anchor)

    @property
    def zoned_times(self) -> ZonedTimes:
        """Its times across clock changes. Raises ValueError when there is no anchor yet."""
        return _zoned(self.every, self.at, self.zone_name, self.anchor_date, self.month_end, self.gap, self.fold)

    @property
    def zone_name(self) -> str:
        """`timezone`, UTC without."""
        return self.timezone or "UTC"

    def next_after(self, after: int) -> int:
        """The first one after `after`."""
        return self.zoned_times.next_after(after)

    def previous_before(self, before: int) -> int:
        """The last one before `before`."""
        return self.zoned_times.previous_before(before)

    def times_of_day(self, midnight: int) -> int:
        """`at`."""
        return 1 << _time_of_day(self.at)

    @property
    def rhythm(self) -> tuple[object, ...]:
        """What remains the same whatever it is counted from."""
        return (self.every, self.at)

    def anchor_at(self, second: int) -> str:
        """The anchor that counts from the local date of a second."""
        return utc(second).astimezone(zone(self.zone_name)).date().isoformat()

    def completed(self, timezone: str | None, start: int) -> "CalendarTimes":
        """The same with a zone and an anchor, where it has none."""
        found = self
        if timezone is not None and found.timezone is None:
            found = found.model_copy(update={"timezone": timezone})
        if found.anchor is None and start != -NEVER:
            found = found.model_copy(update={"anchor": found.anchor_at(start)})
        return found

    def in_words(self) -> str:
        """`Every 2 weeks on Friday at 09:00, Europe/Berlin, counted from 2 January 2026`."""
        period, at = self.period, self.at.removesuffix(":00") if len(self.at) > len("09:00") else self.at
        words = f"Every {period.in_words}"
        if self.anchor is None:
            return f"{words} at {at}, {self.zone_name}, counted from its creation"
        day = self.anchor_date
        if period.unit == "week":
            words += f" on {WEEKDAYS[day.isoweekday() % 7]}"
        elif period.unit == "month":
            words += f" on day {day.day}"
        elif period.unit == "year":
            words += f" on {date_in_words(day).rpartition(' ')[0]}"
        if self._may_be_too_long(day):
            words += ", only where there is that day," if self.month_end == "skip" else " or the month's last day"
        return f"{words} at {at}, {self.zone_name}, counted from {date_in_words(day)}"

    def notes(self, after: int | None) -> list[str]:
        """Which months are too short, and an option that makes no difference."""
        if self.anchor is None:
            return []
        day = self.anchor_date
        if not self._may_be_too_long(day):
            return ["month_end makes no difference here"] if self.month_end == "skip" else []
        if after is None:
            return []
        short = self._short_months(after)
        if not short:
            return []
        listed = join_words([*short[:_DATES_TOLD], *(["so on"] if len(short) > _DATES_TOLD else [])])
        if self.month_end == "last":
            return [f"months without a day {day.day} have it on their last day: {listed}"]
        return [f"months without a day {day.day} are left out: {listed}"]

    def _may_be_too_long(self, day: date) -> bool:
        return self.period.in_months and (
            day.day > _FULL_MONTHS and (self.period.unit == "month" or (day.month, day.day) == (2, 29))
        )

    def _short_months(self, after: int) -> list[str]:
        """The coming last days that stand for a later day (`last`), or months that are left out (`skip`)."""
        clamped = walls_of(self.period, self.anchor_date, 0, "last")
        found: list[str] = []
        wall = clamped.at_or_after(max(after, BEGIN_OF_TIME))
        for _ in range(_DATES_LOOKED_AT):
            if wall >= END_OF_TIME:
                break
            at = utc(wall).date()
            if at.day < self.anchor_date.day:
                found.append(at.isoformat() if self.month_end == "last" else f"{at:%Y-%m}")
            wall = clamped.at_or_after(wall + 1)
        return found


class CalendarInterval(Recurring, CalendarTimes):
    """Every so many days, weeks, months or years (`every`: `P3D`, `P2W`, `P5M`, `P1Y`) at the time `at` in `timezone`.

    Counted without drift from the local date `anchor`, the day of the first occurrence; without it, from the date of
    `start`, without that from the one of creation. `month_end`: a month that is too short for the anchor's day has its
    occurrence on its `last` day, or is left out (`skip`). `gap`, `fold` and the options are those of Cron.
    """

    timezone: ZoneName = "UTC"  # pyright: ignore[reportIncompatibleVariableOverride] -- only members leave it out

    @property
    def anchor_date(self) -> date:
        """`anchor`, else the local date of `start`."""
        if self.anchor is None and self.start is not None:
            return _date_of(self.anchor_at(self.bounds[0]))
        return super().anchor_date

    def in_words(self) -> str:
        """With `start` for an anchor, if it has no other."""
        begun = self.completed(None, self.bounds[0])
        return super().in_words() if begun is self else begun.in_words()

    def notes(self, after: int | None) -> list[str]:
        """With `start` for an anchor, if it has no other."""
        begun = self.completed(None, self.bounds[0])
        return super().notes(after) if begun is self else begun.notes(after)


@lru_cache(maxsize=65_536)
def _zoned(every: str, at: str, timezone: str, anchor: date, month_end: MonthEnd, gap: Gap, fold: Fold) -> ZonedTimes:
    walls = walls_of(parse_period(every), anchor, _time_of_day(at), month_end)
    return ZonedTimes(walls, zone(timezone), gap, fold, follows_elapsed_time=False)


@lru_cache(maxsize=4096)
def _time_of_day(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not a time of the day; write it like 09:00 or 09:00:30")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


@lru_cache(maxsize=4096)
def _date_of(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError(
            f"{text[:40]!r} is not a date; give the local date of the first occurrence, such as 2026-01-02"
        )
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} does not exist: {error}") from None
    # The local date of an instant may lie beyond.
    if not utc(BEGIN_OF_TIME - MARGIN).date() <= found <= utc(END_OF_TIME + MARGIN).date():
        raise ValueError("the year is not within 1970 to 2199")
    return found
