"""The nominal times of a schedule of any kind, as users write it, within a few days: all of them, one by one."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

from tests.schedules.enumeration.calendar_days import days_within
from tests.schedules.enumeration.cron_reading import cron_reading, without_hashes
from tests.schedules.enumeration.local_clock import fires_at, read, readings
from tests.schedules.enumeration.zones import DAY

Written = dict[str, Any]
_UNITS = {"S": 1, "M": 60, "H": 3600, "D": DAY}
_CALENDAR_OPTIONS = {"month_end": "last", "gap": "shift", "fold": "first"}


def nominal_times(written: Written, begin: int, end: int) -> list[int]:
    """What the schedule and its bounds and exclusions leave from `begin` up to, without, `end`: whole minutes."""
    zone = clock_of(written)
    first = instant(written["start"], zone) if "start" in written else begin
    last = instant(written["end"], zone) if "end" in written else end
    left = [at for at in bare_times(written, begin, end) if first <= at <= last]
    return [at for at in left if not any(leaves_out(entry, read(zone, at)) for entry in written.get("exclude", ()))]


def bare_times(written: Written, begin: int, end: int) -> list[int]:
    """The same without bounds and exclusions."""
    if "any" in written:
        times = {at for member in members(written) for at in bare_times(member, begin, end)}
    elif "manual" in written:
        times = set[int]()
    elif "cron" in written:
        times = _cron_times(written, begin, end)
    elif "every" in written and "at" in written:
        times = _calendar_times(written, begin, end)
    elif "every" in written:
        times = _elapsed_times(written, begin, end)
    else:
        times = {instant(written["at"], written.get("timezone", "UTC"))}
    return sorted(at for at in times if begin <= at < end)


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


def instant(text: str, zone: str) -> int:
    """An instant with an offset, or local time."""
    at = datetime.fromisoformat(text)
    return int(at.timestamp()) if at.tzinfo else fires_at(zone, at, "shift", "first")[0]


def leaves_out(entry: str, local: datetime) -> bool:
    """Whether an entry of `exclude` leaves out what would fire when the clock shows `local`."""
    if " " not in entry:
        first, _, last = entry.partition("/")
        return date.fromisoformat(first) <= local.date() <= date.fromisoformat(last or first)
    cron = cron_reading(entry)
    second = local.second in cron.seconds or not cron.with_seconds
    return second and cron.at_minute(local)


def _needs_no_zone(member: Written) -> bool:
    if "cron" in member or ("every" in member and "at" in member):
        return False
    return "every" in member or datetime.fromisoformat(member["at"]).tzinfo is not None


def _cron_times(written: Written, begin: int, end: int) -> set[int]:
    cron, zone = cron_reading(written["cron"]), written.get("timezone", "UTC")
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (begin - 2 * DAY, end + 2 * DAY))
    days = [day for n in range((last - first).days) if cron.on_day(day := first + timedelta(days=n))]
    if cron.fixed:
        gap, fold = written.get("gap", "shift"), written.get("fold", "first")
        local = [datetime.combine(day, time(*at)) for day in days for at in product(cron.hours, cron.minutes)]
        fired = [(at, read(zone, at) == shown) for shown in local for at in fires_at(zone, shown, gap, fold)]
        # Whatever is skipped fires as one, when the gap is over.
        return {at + second for at, is_shown in fired for second in (cron.seconds if is_shown else (0,))}
    clock = readings(zone, begin - 60, end + 60).instants if days else {}
    return {
        at + second
        for local, shown in clock.items()
        if cron.at_minute(local)
        for at in shown
        for second in cron.seconds
    }


def _calendar_times(written: Written, begin: int, end: int) -> set[int]:
    options = _CALENDAR_OPTIONS | written
    # A clock may be a day ahead of UTC or behind it, and a day of a gap fires on the next one.
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (begin - 3 * DAY, end + 3 * DAY))
    days = days_within(date.fromisoformat(anchor_of(written)), options["every"], options["month_end"], first, last)
    clock = datetime.strptime(options["at"], "%H:%M:%S" if options["at"].count(":") == 2 else "%H:%M").time()  # noqa: DTZ007
    zone, gap, fold = options.get("timezone", "UTC"), options["gap"], options["fold"]
    return {at for day in days for at in fires_at(zone, datetime.combine(day, clock), gap, fold)}


def _elapsed_times(written: Written, begin: int, end: int) -> set[int]:
    anchor, step = instant(anchor_of(written), "UTC"), seconds_of(written["every"])
    return {at for at in range(anchor, end, step) if at >= begin}


def seconds_of(duration: str) -> int:
    """Of PT…S, PT…M, PT…H and P…D."""
    return int(duration.strip("PTSMHD")) * _UNITS[duration[-1]]
