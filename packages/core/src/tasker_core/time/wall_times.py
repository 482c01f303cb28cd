"""Wall times in a zone: the instants at which they fire across clock changes. Instants are epoch seconds.

Fixed times are never lost and never doubled by a clock change; what follows elapsed time fires whenever the clock shows
it (cron(8): "jobs that run at a particular time").
"""

from dataclasses import dataclass
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME, MARGIN, Stretch, stretch_at

NEVER: Final = 1 << 62
"""The instant that never comes: later than all others. Its negative is the answer to "when last" if there was none."""

Gap = Literal["shift", "skip"]
Fold = Literal["first", "last", "both"]


class WallTimes(Protocol):
    """Wall seconds that match: those of a cron expression, or of a calendar interval."""

    def at_or_after(self, wall: int, /) -> int:
        """The smallest matching wall second ≥ `wall`; NEVER when none is left."""
        ...

    def at_or_before(self, wall: int, /) -> int:
        """The greatest matching wall second ≤ `wall`; -NEVER when none is left."""
        ...


@dataclass(frozen=True, slots=True)
class ZonedTimes:
    """Wall times in a zone.

    `gap`: a fixed time that a clock change skips fires at the first instant after it (`shift`) or not (`skip`).
    `fold`: a fixed time that comes twice fires at the `first`, the `last` or `both`.
    """

    walls: WallTimes
    zone: ZoneInfo
    gap: Gap
    fold: Fold
    follows_elapsed_time: bool

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
                searched, wall = low, self.walls.at_or_after(low)
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
                searched, wall = high, self.walls.at_or_before(high)
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
        return self.walls.at_or_after(opened) < closed
