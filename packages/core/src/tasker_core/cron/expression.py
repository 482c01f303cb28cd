"""Cron expressions in a time zone: the instants at which they fire.

Fixed-time expressions (neither wildcard, step nor range in the hour and minute fields) are never lost and never
doubled by a clock change; all others follow elapsed time (cron(8): "jobs that run at a particular time").
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tasker_core.cron.dialect import parse as parse_fields
from tasker_core.cron.dialect import split
from tasker_core.cron.fields import Fields
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME, MARGIN, Stretch, stretch_at, zone

NEVER: Final = 1 << 62
"""The instant that never comes: later than all others. Its negative is the answer to "when last" if there was none."""

Gap = Literal["shift", "skip"]
Fold = Literal["first", "last", "both"]


@dataclass(frozen=True, slots=True)
class CronExpression:
    """A cron expression in a zone. Instants are epoch seconds; equal when text, zone and options are equal.

    `gap`: a fixed time that a clock change skips fires at the first instant after it (`shift`) or not (`skip`).
    `fold`: a fixed time that comes twice fires at the `first`, the `last` or `both`.
    """

    expression: str
    timezone: str
    gap: Gap
    fold: Fold
    fields: Fields = field(compare=False, repr=False)
    zone: ZoneInfo = field(compare=False, repr=False)
    follows_elapsed_time: bool = field(compare=False, repr=False)

    @staticmethod
    def parse(expression: str, timezone: str = "UTC", gap: Gap = "shift", fold: Fold = "first") -> "CronExpression":
        """The expression, parsed once. Raises ValueError saying what is wrong and the way out."""
        return _parsed(expression, timezone, gap, fold)

    def next_after(self, after: int) -> int:
        """The smallest instant strictly after `after` (and not before 1970); NEVER when none comes before 2200."""
        searched = wall = -NEVER
        at = max(after + 1, BEGIN_OF_TIME)
        while at < END_OF_TIME:
            stretch = stretch_at(self.zone, at)
            if after < stretch.begin and self._fires_after_gap(stretch):
                return stretch.begin
            low, end = self._walls(stretch)
            low = max(low, after + 1 + stretch.offset)
            # What was found for an earlier wall second still holds until a fold turns the clock back before it.
            if not searched <= low <= wall:
                searched, wall = low, self.fields.at_or_after(low)
            if wall < end:
                return wall - stretch.offset
            # Far away there is nothing before it, in gaps neither; only what follows at once may show `low` again.
            at = max(stretch.end, wall - MARGIN) if end - low > MARGIN else stretch.end
        return NEVER

    def previous_before(self, before: int) -> int:
        """The greatest instant strictly before `before`; -NEVER when there is none since 1970."""
        searched = wall = NEVER
        at = min(before, END_OF_TIME) - 1
        while at >= BEGIN_OF_TIME:
            stretch = stretch_at(self.zone, at)
            low, end = self._walls(stretch)
            high = min(end, before + stretch.offset) - 1
            if not wall <= high <= searched:
                searched, wall = high, self.fields.at_or_before(high)
            if low <= wall:
                return wall - stretch.offset
            if self._fires_after_gap(stretch):
                return stretch.begin
            at = min(stretch.begin - 1, wall + MARGIN) if high - low > MARGIN else stretch.begin - 1
        return -NEVER

    def _walls(self, stretch: Stretch) -> tuple[int, int]:
        """The wall seconds low ≤ w < end that fire in this stretch when they match."""
        low, end = stretch.begin + stretch.offset, stretch.end + stretch.offset
        if not self.follows_elapsed_time:
            if self.fold == "first":
                low = max(low, stretch.fresh)
            elif self.fold == "last":
                end = min(end, stretch.repeated)
        return low, end

    def _fires_after_gap(self, stretch: Stretch) -> bool:
        """Whether a fixed time lies in the gap before the stretch; all that lie in it fire as one, at its begin."""
        opened, closed = stretch.gap, stretch.begin + stretch.offset
        if opened == closed or self.follows_elapsed_time or self.gap == "skip":
            return False
        return self.fields.at_or_after(opened) < closed


@lru_cache(maxsize=65_536)
def _parsed(expression: str, timezone: str, gap: Gap, fold: Fold) -> CronExpression:
    fields = parse_fields(expression)
    _, minute, hour, *_ = split(expression)
    interval_like = any(sign in hour + minute for sign in "*-/")
    return CronExpression(expression, timezone, gap, fold, fields, zone(timezone), interval_like)
