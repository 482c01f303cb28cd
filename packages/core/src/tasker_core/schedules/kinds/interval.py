"""Interval: every so much elapsed time."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import ClassVar, Final

from pydantic import field_validator

from tasker_core.schedules.kinds.options import Recurring, Seconds
from tasker_core.schedules.kinds.times import ALL_DAY, OptionalAnchor, Times
from tasker_core.schedules.wording import duration_in_words, instant_in_words
from tasker_core.time.instant import rfc3339_second
from tasker_core.time.local_time import parse_instant
from tasker_core.time.wall_times import NEVER
from tasker_core.time.zones import BEGIN_OF_TIME, DAY, END_OF_TIME

_ONE: Final = re.compile(r"^1 (?=\w+$)")  # every hour, but every 1 hour and 30 minutes


class IntervalTimes(Times):
    """Every so much elapsed time (whole seconds), at `anchor` and from there on."""

    key: ClassVar[str] = "every"

    every: Seconds
    anchor: OptionalAnchor = None

    @field_validator("anchor")
    @classmethod
    def _instant(cls, value: str | None) -> str | None:
        if value is not None:
            parse_instant(value, None)
        return value

    @property
    def seconds(self) -> int:
        """The distance in seconds."""
        return self.every // timedelta(seconds=1)

    @property
    def anchor_second(self) -> int:
        """The epoch second of the first occurrence. Raises ValueError when there is no anchor yet."""
        if self.anchor is None:
            raise ValueError("the interval has no anchor yet; see anchors.py")
        return parse_instant(self.anchor, None)[0]

    def next_after(self, after: int) -> int:
        """The first multiple after `after`."""
        first, step = self.anchor_second, self.seconds
        found = first if after < first else first + ((after - first) // step + 1) * step
        return found if found < END_OF_TIME else NEVER

    def previous_before(self, before: int) -> int:
        """The last multiple before `before`."""
        first, step = self.anchor_second, self.seconds
        before = min(before, END_OF_TIME)
        return first + (before - 1 - first) // step * step if before > first else -NEVER

    def times_of_day(self, midnight: int) -> int:
        """The multiples on that day, as if there were some before the anchor too."""
        step, since = self.seconds, self.anchor_second - midnight
        if step < DAY:
            return _every(step) << since % step & ALL_DAY
        return 1 << at if (at := since % step) < DAY else 0

    def times_of_days(self, midnight: int) -> int:
        """The same times where days are made of it, or it of days; else any."""
        step, since = self.seconds, self.anchor_second - midnight
        if step % DAY == 0:
            return 1 << since % DAY
        return self.times_of_day(midnight) if DAY % step == 0 else ALL_DAY

    @property
    def rhythm(self) -> tuple[object, ...]:
        """What remains the same whatever it is counted from."""
        return (self.every,)

    def anchor_at(self, second: int) -> str:
        """The anchor that counts from a second: the first one since 1970 where a local time lies before."""
        return rfc3339_second(second if second >= BEGIN_OF_TIME else second % self.seconds)

    def completed(self, timezone: str | None, start: int) -> "IntervalTimes":
        """The same with an anchor, if it has none and there is a begin."""
        if self.anchor is not None or start == -NEVER:
            return self
        return self.model_copy(update={"anchor": self.anchor_at(start)})

    def in_words(self) -> str:
        """`Every 15 minutes, counted from 1 January 2026 at 00:00 (UTC)`."""
        start = instant_in_words(self.anchor_second, self.anchor) if self.anchor else "its creation"
        return f"Every {_ONE.sub('', duration_in_words(self.every))}, counted from {start}"


class Interval(Recurring, IntervalTimes):
    """Every so much elapsed time (whole seconds), at `anchor` and from there on.

    Without `anchor` it is counted from `start`, without that from the second of creation. The options are those of
    Cron; instants bear an offset, and the clock of `exclude` is UTC.
    """

    anchor: str | None = None  # null is written, as ever: somebody may read it

    @property
    def anchor_second(self) -> int:
        """`anchor`, else `start`."""
        return self.bounds[0] if self.anchor is None and self.start is not None else super().anchor_second

    def in_words(self) -> str:
        """With `start` for an anchor, if it has no other."""
        return (
            self.completed(None, self.bounds[0]).in_words()
            if self.anchor is None and self.start
            else super().in_words()
        )


@lru_cache(maxsize=256)
def _every(seconds: int) -> int:
    """Bits at all multiples of so many seconds, for a day at least."""
    bits, length = 1, seconds
    while length < DAY:
        bits |= bits << length
        length *= 2
    return bits
