"""PURE. The nominal times of a schedule of any kind, as users write it, within a few days: all of them, one by one."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from typing import Any, Final

from tasker_cli.verify.enumeration.calendar_days import days_within
from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions, names_calendars
from tasker_cli.verify.enumeration.cron_reading import CronReading, cron_reading, without_hashes
from tasker_cli.verify.enumeration.local_clock import fires_at, offset_of_day, read, readings
from tasker_cli.verify.instants import DAY, whole_seconds

Written = dict[str, Any]
_EPOCH: Final = date(1970, 1, 1)
_CALENDAR_OPTIONS = {"month_end": "last", "gap": "shift", "fold": "first"}


def nominal_times(written: Written, begin: int, end: int, calendars: CalendarVersions | None = None) -> Sequence[int]:
    """What the schedule and its bounds and exclusions leave from `begin` up to, without, `end`, in order.

    A schedule that names calendars is `under` versions of them (calendar_versions.py). Raises KeyError for one whose
    days `calendars` does not know.
    """
    zone = clock_of(written)
    begin = max(begin, instant(written["start"], zone)) if "start" in written else begin
    end = min(end, instant(written["end"], zone, down=True) + 1) if "end" in written else end
    found = bare_times(written, begin, end)
    if entries := written.get("exclude"):
        found = [at for at in found if not any(leaves_out(entry, read(zone, at)) for entry in entries)]
    if names_calendars(written):
        is_left = (calendars or CalendarVersions()).left_days(written)
        found = [at for at in found if is_left(read(zone, at).date())]
    return found


def bare_times(written: Written, begin: int, end: int) -> Sequence[int]:
    """The same without bounds and exclusions."""
    if begin >= end or "manual" in written:
        return []
    if "any" in written:
        return sorted({at for member in members(written) for at in bare_times(member, begin, end)})
    if "cron" in written:
        return _within(_cron_times(written, begin, end), begin, end)
    if "every" in written and "at" in written:
        return _within(sorted(_calendar_times(written, begin, end)), begin, end)
    if "every" in written:
        return _elapsed_times(written, begin, end)
    return _within([instant(written["at"], written.get("timezone", "UTC"))], begin, end)


def _within(times: Sequence[int], begin: int, end: int) -> Sequence[int]:
    """Those from `begin` up to, without, `end`, of times in order."""
    return times[bisect_left(times, begin) : bisect_left(times, end)]


def for_task(written: Written, task_id: str) -> Written:
    """The same without any `H`."""
    if "any" in written:
        return {**written, "any": [for_task(member, task_id) for member in written["any"]]}
    return {**written, "cron": without_hashes(written["cron"], task_id)} if "cron" in written else written


def members(written: Written) -> list[Written]:
    """The members of `any`, each with its zone; elapsed time has none, and an instant with offset neither.

    `start` is what those are counted from that have no anchor.
    """
    default = {"timezone": written["timezone"]} if "timezone" in written else {}
    found = [member if _needs_no_zone(member) else default | member for member in written["any"]]
    if "start" not in written:
        return found
    start = utc_text(instant(written["start"], clock_of(written)))
    return [{"start": start} | member if "every" in member else member for member in found]


def clock_of(written: Written) -> str:
    """The zone by whose clock options are read: its own, else the one that all members have that follow one."""
    if "timezone" in written or "any" not in written:
        return written.get("timezone", "UTC")
    zones = zones_of_members(written)
    return zones.pop() if len(zones) == 1 else "UTC"


def zones_of_members(written: Written) -> set[str]:
    """The zones that members of `any` follow, when the whole names none."""
    return {member.get("timezone", "UTC") for member in written["any"] if not _needs_no_zone(member)}


def utc_text(second: int) -> str:
    """An instant as users write it."""
    return datetime.fromtimestamp(second, UTC).isoformat()


def anchor_of(written: Written) -> str:
    """What an interval is counted from: its anchor, else its start, of which a calendar interval takes the date."""
    if "anchor" in written:
        return written["anchor"]
    zone = written.get("timezone", "UTC")
    start = instant(written["start"], zone)
    return read(zone, start).date().isoformat() if "at" in written else utc_text(start)


def instant(text: str, zone: str, *, down: bool = False) -> int:
    """An instant with an offset, or local time: the second at which it is over (`down`: in which it lies)."""
    at = datetime.fromisoformat(text.upper())
    whole = at.replace(microsecond=0) + timedelta(seconds=at.microsecond > 0 and not down)
    return int(whole.timestamp()) if at.tzinfo else fires_at(zone, whole, "shift", "first")[0]


def leaves_out(entry: str, local: datetime) -> bool:
    """Whether an entry of `exclude` leaves out what would fire when the clock shows `local`."""
    if " " not in entry and not entry.startswith("@"):
        first, last = _dates(entry)
        return first <= local.date() <= last
    cron = cron_reading(entry)
    second = local.second in cron.seconds or not cron.with_seconds
    return second and cron.at_minute(local)


@lru_cache(maxsize=4096)
def _dates(entry: str) -> tuple[date, date]:
    first, _, last = entry.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _needs_no_zone(member: Written) -> bool:
    if "cron" in member or ("every" in member and "at" in member):
        return False
    return "every" in member or datetime.fromisoformat(member["at"]).tzinfo is not None


def _cron_times(written: Written, begin: int, end: int) -> list[int]:
    """In order. Days without clock change have one offset; the others are read minute by minute."""
    cron, zone = cron_reading(written["cron"]), written.get("timezone", "UTC")
    first, last = begin // DAY - 2, end // DAY + 2
    changed, found, times = set[int](), list[int](), cron.times_of_day
    for day in range(first, last + 1):
        if not cron.on_day(_EPOCH + timedelta(days=day)):
            continue
        offset = offset_of_day(zone, day * DAY)
        if offset is None:
            changed |= _times_of_changed_day(written, cron, zone, _EPOCH + timedelta(days=day), begin, end)
        elif (midnight := day * DAY - offset) < end and midnight + DAY > begin:
            found += [midnight + at for at in _within(times, begin - midnight, end - midnight)]
    return sorted(changed.union(found)) if changed else found


def _times_of_changed_day(written: Written, cron: CronReading, zone: str, day: date, begin: int, end: int) -> set[int]:
    """Those from `begin` up to `end` of one day, and perhaps some around these."""
    if cron.fixed:
        gap, fold = written.get("gap", "shift"), written.get("fold", "first")
        local = [datetime.combine(day, time(*at)) for at in product(cron.hours, cron.minutes)]
        fired = [(at, read(zone, at) == shown) for shown in local for at in fires_at(zone, shown, gap, fold)]
        # Whatever is skipped fires as one, when the gap is over.
        return {at + second for at, is_shown in fired for second in (cron.seconds if is_shown else (0,))}
    wall = (day - _EPOCH).days * DAY
    clock = readings(zone, wall - DAY, wall + 2 * DAY).instants
    return {
        at + second
        for local, shown in clock.items()
        for at in shown
        if begin - 60 < at < end and local.date() == day and cron.at_minute(local)
        for second in cron.seconds
    }


def _calendar_times(written: Written, begin: int, end: int) -> set[int]:
    options = _CALENDAR_OPTIONS | written
    # A clock may be a day ahead of UTC or behind it, and a day of a gap fires on the next one.
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (begin - 3 * DAY, end + 3 * DAY))
    days = days_within(date.fromisoformat(anchor_of(written)), options["every"], options["month_end"], first, last)
    clock = time.fromisoformat(options["at"])
    zone, gap, fold = options.get("timezone", "UTC"), options["gap"], options["fold"]
    return {at for day in days for at in fires_at(zone, datetime.combine(day, clock), gap, fold)}


def _elapsed_times(written: Written, begin: int, end: int) -> range:
    anchor, step = instant(anchor_of(written), "UTC"), seconds_of(written["every"])
    return range(max(anchor, begin + (anchor - begin) % step), end, step)


def seconds_of(duration: str) -> int:
    """The whole seconds of an ISO 8601 duration without years and months, or of a plain number. Raises ValueError."""
    return int(duration) if duration.isdigit() else whole_seconds(duration)
