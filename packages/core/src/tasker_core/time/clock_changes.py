"""What coming clock changes do to times: which the clock skips, which it shows twice, and when they fire then."""

from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from tasker_core.time.wall_times import ZonedTimes
from tasker_core.time.zones import END_OF_TIME, stretch_at


class AffectedTimes(NamedTuple):
    """Wall seconds that a clock change skips (gap) or shows twice (fold), and the instants at which they fire then.

    `by`: how far the clock is put forward (gap) or back (fold), in seconds.
    """

    how: Literal["gap", "fold"]
    walls: list[int]
    fires: list[int]
    by: int


def affected_times(times: ZonedTimes, after: int, until: int, most: int) -> Iterator[AffectedTimes]:
    """What each change in (after, until) does to the times, if anything; of each change `most` wall seconds at most."""
    stretch = stretch_at(times.zone, after)
    while stretch.end < min(until, END_OF_TIME):
        before, stretch = stretch.offset, stretch_at(times.zone, stretch.end)
        begin, shown = stretch.begin, stretch.begin + stretch.offset
        if skipped := list(islice(_matching(times, stretch.gap, shown), most)):
            fires = [begin] if not times.follows_elapsed_time and times.next_after(begin - 1) == begin else []
            yield AffectedTimes("gap", skipped, fires if times.gap == "shift" else [], stretch.offset - before)
        if repeated := list(islice(_matching(times, shown, stretch.fresh), most)):
            both = (repeated[0] - before, repeated[0] - stretch.offset)
            fires = [at for at in both if times.next_after(at - 1) == at]
            yield AffectedTimes("fold", repeated, fires, before - stretch.offset)


def _matching(times: ZonedTimes, low: int, end: int) -> Iterator[int]:
    while low < end and (found := times.walls.at_or_after(low)) < end:
        yield found
        low = found + 1
