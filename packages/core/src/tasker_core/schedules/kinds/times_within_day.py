"""The seconds at which one of several times fires within a day of another clock. Instants are epoch seconds."""

from tasker_core.schedules.kinds.times import Times
from tasker_core.time.zones import DAY, stretch_at, zone


def times_within_day(times: Times, midnight: int) -> int:
    """The seconds from `midnight` on, for a day, at which it fires, as bits. Exact, whatever its own clock does.

    From the first time on, its times of a day hold up to the next edge of its own clock: midnight, a change, and where
    a repeated hour begins and ends.
    """
    found, begin, end = 0, midnight, midnight + DAY
    while (first := times.next_after(begin - 1)) < end:
        own_midnight, edge = _own_day(times.zone_name, first, midnight)
        edge = min(edge, end)
        shift = own_midnight - midnight
        bits = times.times_of_day(own_midnight)
        bits = bits << shift if shift > 0 else bits >> -shift
        skip = first - midnight
        # A time that a gap swallows fires at its end: `first` itself is always one of them.
        found |= (bits & (1 << edge - midnight) - 1) >> skip << skip | 1 << skip
        begin = edge
    return found


def _own_day(zone_name: str | None, at: int, midnight: int) -> tuple[int, int]:
    """The midnight of an instant at its own clock, and the next edge of that clock."""
    if zone_name is None:
        return midnight, midnight + DAY
    stretch = stretch_at(zone(zone_name), at)
    offset = stretch.offset
    own_midnight = (at + offset) // DAY * DAY - offset
    edges = (own_midnight + DAY, stretch.end, stretch.fresh - offset, stretch.repeated - offset)
    return own_midnight, min(edge for edge in edges if edge > at)
