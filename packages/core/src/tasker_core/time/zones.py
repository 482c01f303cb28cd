"""Time zones: their names, their offsets and the stretches between their clock changes.

The rules come from the pinned `tzdata` package and never from the host, so that every service computes the same
instants. Instants are epoch seconds; a *wall second* is a local date and time counted as if it were UTC.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from tasker_core.time.zone_hints import unknown_zone
from tasker_core.time.zone_names import zone_names, zone_rules

DAY: Final = 86_400
BEGIN_OF_TIME: Final = 0
END_OF_TIME: Final = 7_258_118_400
"""2200-01-01T00:00:00Z. Nothing is scheduled before 1970 or from this instant on."""
MARGIN: Final = 2 * DAY
"""Longer than any offset, or any change of one (Pacific/Apia skipped 24 hours)."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall seconds bear no zone
# About a year: stretches are found a block at a time, so that no zone costs more than what is asked of it.
_BLOCK: Final = 1 << 25
# Shorter than any time between two changes in the tz database from 1970 on (a test walks all zones).
_PROBE: Final = 6 * DAY


class Stretch(NamedTuple):
    """A time without clock change, cut at the borders of its block: instants `begin` ≤ t < `end`, wall = t + `offset`.

    `gap`: the wall second at which the gap before `begin` opens (`begin + offset` when there is none).
    `fresh`: from this wall second on, the stretch shows what the one before did not show.
    `repeated`: from this wall second on, the one after shows it again.
    """

    begin: int
    end: int
    offset: int
    gap: int
    fresh: int
    repeated: int


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name (case matters). Raises ValueError with what is meant; see zone_hints.py."""
    if name not in zone_names():
        raise unknown_zone(name)
    return zone_rules(name)


def offset_at(tz: ZoneInfo, instant: int) -> int:
    """Seconds east of UTC at an instant."""
    return _seconds(datetime.fromtimestamp(instant, tz).utcoffset())


def first_instant(tz: ZoneInfo, wall: int) -> tuple[int, Literal["once", "gap", "fold"]]:
    """When a wall second is first shown: the first instant after the gap it lies in, the first of the two in a fold."""
    local = (_EPOCH + timedelta(seconds=wall)).replace(tzinfo=tz)
    before, after = _seconds(local.utcoffset()), _seconds(local.replace(fold=1).utcoffset())
    if before < after:
        return _change(tz, wall - after, wall - before), "gap"
    return wall - before, "once" if before == after else "fold"


def stretch_at(tz: ZoneInfo, instant: int) -> Stretch:
    """The stretch that holds an instant within the bounds of time."""
    return next(stretch for stretch in _stretches(tz, instant // _BLOCK) if instant < stretch.end)


@lru_cache(maxsize=16_384)
def _stretches(tz: ZoneInfo, block: int) -> tuple[Stretch, ...]:
    low, high = block * _BLOCK, min((block + 1) * _BLOCK, END_OF_TIME)
    edges = [low - MARGIN, *_changes(tz, low - MARGIN, high + MARGIN), high + MARGIN]
    found: list[Stretch] = []
    for begin, end in pairwise(edges):
        if end <= low or begin >= high:
            continue
        before, offset, after = (offset_at(tz, t) for t in (begin - 1, begin, end))
        found.append(
            Stretch(
                begin=max(begin, low),
                end=min(end, high),
                offset=offset,
                gap=begin + min(before, offset) if begin >= low else low + offset,
                fresh=begin + max(before, offset),
                repeated=end + min(offset, after),
            )
        )
    return tuple(found)


def _changes(tz: ZoneInfo, low: int, high: int) -> list[int]:
    """The instants in (low, high) from which on another offset holds."""
    probes = [*range(low, high - 1, _PROBE), high - 1]
    offsets = [datetime.fromtimestamp(t, tz).utcoffset() for t in probes]
    return [_change(tz, *probes[i : i + 2]) for i, (before, after) in enumerate(pairwise(offsets)) if before != after]


def _change(tz: ZoneInfo, low: int, high: int) -> int:
    """The first instant in (low, high] at which the offset is no longer the one at `low`."""
    before = offset_at(tz, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(tz, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _seconds(offset: timedelta | None) -> int:
    assert offset is not None, "every zone of the tz database has an offset"
    return offset.days * DAY + offset.seconds


def utc(instant: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return datetime.fromtimestamp(instant, UTC)
