"""Which coming times a clock change shifts, skips or brings twice, in words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from tasker_core.cron.description import join_words
from tasker_core.schedules.kinds.times import Times
from tasker_core.schedules.occurrences import is_excluded
from tasker_core.schedules.schedule import Schedule
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.clock_changes import AffectedTimes, affected_times
from tasker_core.time.zones import DAY, utc

_AHEAD: Final = 366 * DAY
_TIMES_TOLD: Final = 2


def clock_change_notes(schedule: Schedule, after: int, until: int | None = None) -> list[str]:
    """One sentence on the next time that is skipped within a year, one on the next one that comes twice.

    `until`: none that is later is told. Times that the schedule leaves out are not among them. Raises ValueError for
    an interval without anchor.
    """
    first: dict[str, tuple[int, str]] = {}
    for index, times in enumerate(schedule.singles):
        place = f"any/{index}: " if len(schedule.singles) > 1 else ""
        for affected in _of_interest(schedule, times, after, after + _AHEAD if until is None else until):
            wall = affected.walls[0]
            if affected.how not in first or wall < first[affected.how][0]:
                first[affected.how] = wall, place + _sentence(affected, times)
    return [sentence for _, sentence in sorted(first.values())]


def _of_interest(schedule: Schedule, times: Times, after: int, until: int) -> Iterator[AffectedTimes]:
    """Those that lie within the bounds and are not left out."""
    zoned, (first, last), out = times.zoned_times, schedule.bounds, schedule.exclusion
    if zoned is None:
        return
    for affected in affected_times(zoned, max(after, first - 1), min(until, last), most=_TIMES_TOLD + 1):
        if affected.fires:
            if fires := [at for at in affected.fires if not is_excluded(schedule, at)]:
                yield affected._replace(fires=fires)
        elif affected.how == "gap" and not (out and out.holds(affected.walls[0])):
            yield affected


def _sentence(affected: AffectedTimes, times: Times) -> str:
    told = [_clock(wall) for wall in affected.walls[:_TIMES_TOLD]]
    if more := len(affected.walls) > _TIMES_TOLD:
        told.append("so on")
    single = len(told) == 1 and not more
    if affected.how == "gap":
        happens = "does not exist" if single else "do not exist"
    else:
        happens = "comes twice" if single else "come twice"
    day, by = f"{utc(affected.walls[0]):%Y-%m-%d}", duration_in_words(timedelta(seconds=affected.by))
    change = f"where the clock goes {'forward' if affected.how == 'gap' else 'back'} by {by}"
    return f"{join_words(told)} {happens} on {day} in {times.zone_name}, {change}; {_what_fires(affected, times)}"


def _what_fires(affected: AffectedTimes, times: Times) -> str:
    zoned = times.zoned_times
    assert zoned is not None, "no other times are affected"
    if not affected.fires:
        return "it does not fire then"
    if len(affected.fires) > 1:
        return "it fires both times"
    moment = utc(affected.fires[0]).astimezone(zoned.zone)
    if affected.how == "gap":
        return f"it fires at {f'{moment:%H:%M:%S}'.removesuffix(':00')}{moment.isoformat()[19:]} instead"
    return f"it fires the {'second' if moment.fold else 'first'} time ({moment.isoformat()[19:]})"


def _clock(wall: int) -> str:
    return f"{utc(wall):%H:%M:%S}".removesuffix(":00")
