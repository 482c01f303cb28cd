"""PURE. Which minutes, hours and days answer a question about a window of time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tasker_core.documents.indexes import STATISTICS_RETENTION_SECONDS
from tasker_core.documents.statistics import Resolution
from tasker_core.errors import FieldError, InvalidInput
from tasker_core.statistics.time_units import LENGTHS, TimeUnit, units_between
from tasker_core.time.duration import format_duration
from tasker_core.time.instant import from_ms, to_ms

HOUR: Final = LENGTHS["hour"]
DAY: Final = LENGTHS["day"]
BUCKETS: Final[Sequence[int]] = (1, 2, 5, 10, 15, 30, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY)
"""Lengths in minutes."""
LONGEST_BY_MINUTES: Final = 26 * HOUR + 1
LONGEST_BY_HOURS: Final = 62 * DAY + HOUR
LONGEST: Final = 3_660 * DAY
_USUAL: Final[Sequence[tuple[int, int]]] = (
    (2 * HOUR, 1),
    (6 * HOUR, 5),
    (LONGEST_BY_MINUTES, 15),
    (8 * DAY, HOUR),
    (LONGEST_BY_HOURS, 6 * HOUR),
    (LONGEST, DAY),
)
"""Up to this length of the window, buckets of this length."""


class PromiseWindow(NamedTuple):
    """Epoch minutes [start, end), and how long a bucket is; `notes` say where that is not what was asked for."""

    start: int
    end: int
    bucket: int
    notes: list[str]

    @property
    def buckets(self) -> list[tuple[int, int]]:
        """Each bucket's [start, end): whole ones are multiples of their length since 1970 (UTC)."""
        first = self.start // self.bucket * self.bucket
        starts = range(first, self.end, self.bucket)
        return [(max(one, self.start), min(one + self.bucket, self.end)) for one in starts]

    @property
    def units(self) -> list[TimeUnit]:
        """What makes up the window."""
        return units_between(self.start, self.end)

    @property
    def since(self) -> datetime:
        """Its begin."""
        return from_ms(self.start * 60_000)

    @property
    def until(self) -> datetime:
        """Its end."""
        return from_ms(self.end * 60_000)


def promise_window(
    since: datetime | None,
    until: datetime | None,
    bucket: timedelta | None,
    now: datetime,
    retention: Mapping[Resolution, int] = STATISTICS_RETENTION_SECONDS,
) -> PromiseWindow:
    """The window of whole minutes around [since, until); of whole hours and days where minutes or hours have expired.

    It ends now at the latest; without `since` it is the hour before `until`. `retention`: how many seconds counts are
    kept. Raises InvalidInput.
    """
    end = -(-min(to_ms(until or now), to_ms(now)) // 60_000)
    start = end - HOUR if since is None else to_ms(since) // 60_000
    if start < 0:
        raise _wrong("to" if since is None else "from", "is before 1970; give a later instant")
    if start >= end:
        what = "is in the future" if since is not None and since >= now else "is not before `to`"
        raise _wrong("from", f"{what}; give an earlier instant")
    if end - start > LONGEST:
        raise _wrong("from", f"is more than {LONGEST // DAY:,} days before `to`; give a shorter window")
    notes, shortest = list[str](), 1
    coarser_ones: Sequence[tuple[Resolution, int]] = (("minute", HOUR), ("hour", DAY))
    for resolution, coarser in coarser_ones:
        kept = retention[resolution] // 60
        if start < to_ms(now) // 60_000 - kept + coarser:
            start, end, shortest = start // coarser * coarser, -(-end // coarser) * coarser, coarser
            what = "hours" if coarser == HOUR else "days (UTC)"
            notes = [f"counts of single {resolution}s are kept for {kept // DAY} days: told in whole {what}"]
    return PromiseWindow(start, end, _bucket(end - start, bucket, shortest), notes)


def _bucket(length: int, given: timedelta | None, shortest: int) -> int:
    if given is None:
        return max(shortest, next((bucket for longest, bucket in _USUAL if length <= longest + 1), DAY))
    minutes = given // timedelta(minutes=1)
    if minutes not in BUCKETS or given != timedelta(minutes=minutes):
        known = ", ".join(format_duration(timedelta(minutes=one)) for one in BUCKETS)
        raise _wrong("bucket", f"is none of {known}; give one of these, or leave it out")
    if minutes < HOUR and (length > LONGEST_BY_MINUTES or shortest >= HOUR):
        raise _wrong("bucket", "is too short for this window: those below PT1H are for the last days, up to 26 hours")
    if minutes < DAY and (length > LONGEST_BY_HOURS or shortest >= DAY):
        raise _wrong("bucket", "is too short for this window: those below P1D are for the last year, up to 62 days")
    return minutes


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput([FieldError(pointer=f"/query/{name}", message=message)])
