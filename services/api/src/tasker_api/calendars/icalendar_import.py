"""PURE. The days of an iCalendar file (RFC 5545): whole days of its events, and what of it was not taken, and why.

Nothing of a file is trusted: its size is bounded by whoever reads it, here its components, the work of its rules and
the number of its days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty

from tasker_api.calendars.recurrence import DayRule, UnusableRule
from tasker_core.calendars.calendar import MAX_CALENDAR_ENTRIES
from tasker_core.calendars.calendar_days import DayRange, day_of, entry_of, joined
from tasker_core.errors import TaskerError

YEARS_AHEAD: Final = 10
"""Recurring events are taken to the end of the year that is so many ahead."""
YEARS_BACK: Final = 1
"""Of recurring events, what lies before the begin of the year that is so many back is not taken."""
MAX_COMPONENTS: Final = 10_000
MAX_DAYS_LOOKED_AT: Final = 300_000
"""The work of all rules together: about half a second."""
MAX_DAYS_OF_EVENT: Final = 3_660
_FIRST_DAY: Final = day_of(date(1970, 1, 1))
_LAST_DAY: Final = day_of(date(2199, 12, 31))


class UnreadableFile(TaskerError):
    """What was sent is no iCalendar file, or too much of one; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that was not taken, and why."""

    summary: str
    start: str | None
    reason: str


@dataclass(slots=True)
class ImportedDays:
    """What a file comes to. `events`: how many were taken; recurring ones from `since` through `through`."""

    name: str
    since: date
    through: date
    entries: tuple[str, ...] = ()
    events: int = 0
    recurring: int = 0
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


@dataclass(slots=True)
class _Work:
    """What is being put together."""

    found: ImportedDays
    timed: bool
    ranges: list[DayRange] = field(default_factory=list[DayRange])
    days_left: int = MAX_DAYS_LOOKED_AT


def import_days(content: bytes, today: date, *, timed: bool) -> ImportedDays:
    """The days of a file; with `timed` also those on which events with a time begin, go on and end.

    Raises UnreadableFile.
    """
    calendars = _calendars(content)
    name = next((text for one in calendars if (text := _text(one.get("X-WR-CALNAME")))), "")
    since, through = date(today.year - YEARS_BACK, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
    work = _Work(ImportedDays(name, since, through), timed)
    moved = _moved_dates(calendars)
    for component in _components(calendars):
        if component.name == "VEVENT":
            _take(component, moved, work)
        elif component.name in ("VTODO", "VJOURNAL"):
            _leave_out(component, f"a {component.name} is no event", work)
    ranges = joined(work.ranges)
    if len(ranges) > MAX_CALENDAR_ENTRIES:
        raise UnreadableFile(
            f"its events come to {len(ranges):,} separate days or ranges; a calendar has at most "
            f"{MAX_CALENDAR_ENTRIES:,}: send fewer years, or fewer events"
        )
    work.found.entries = tuple(entry_of(one) for one in ranges)
    return work.found


def _calendars(content: bytes) -> list[Component]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"line {line} is not UTF-8: save the file in that encoding") from None
    if (count := text.upper().count("BEGIN:")) > MAX_COMPONENTS:
        raise UnreadableFile(f"it has {count:,} components; at most {MAX_COMPONENTS:,} are taken")
    try:
        found: list[Component] = list(Calendar.from_ical(text, multiple=True))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFile(f"it is not understood as iCalendar (RFC 5545): {str(error)[:200]}") from None
    found = [one for one in found if one.name == "VCALENDAR"]
    if not found:
        raise UnreadableFile("it has no VCALENDAR: send an iCalendar file (RFC 5545)")
    return found


def _components(calendars: list[Component]) -> Iterator[Component]:
    """Events and what stands beside them; what is nested deeper (alarms) says nothing of days."""
    for one in calendars:
        yield from one.subcomponents


def _moved_dates(calendars: list[Component]) -> set[tuple[str, date]]:
    """The dates of recurring events that stand for themselves: moved, or cancelled."""
    found: set[tuple[str, date]] = set()
    for component in _components(calendars):
        at = _date(component, "RECURRENCE-ID")
        if at is not None:
            found.add((_text(component.get("UID")), at))
    return found


def _take(event: Component, moved: set[tuple[str, date]], work: _Work) -> None:
    found = work.found
    if _text(event.get("STATUS")).upper() == "CANCELLED":
        _leave_out(event, "is cancelled", work)
        return
    start = _value(event, "DTSTART")
    if not isinstance(start, date):
        _leave_out(event, "has no DTSTART that is a date", work)
        return
    if isinstance(start, datetime) and not work.timed:
        _leave_out(event, "has a time of day; with ?timed=days the days that it touches are taken", work)
        return
    first = start.date() if isinstance(start, datetime) else start
    try:
        more = _length(event, start, first) - 1
        firsts = [first, *_recurring(event, first, work)]
    except UnusableRule as error:
        _leave_out(event, str(error), work)
        return
    excepted = set(_dates(event, "EXDATE"))
    if "RRULE" in event or "RDATE" in event:
        found.recurring += 1
        identity = "" if "RECURRENCE-ID" in event else _text(event.get("UID"))
        firsts = [
            one
            for one in dict.fromkeys(firsts)
            if one >= found.since and one not in excepted and (identity, one) not in moved
        ]
    days = [(day_of(one), day_of(one) + more) for one in firsts]
    if any(day < _FIRST_DAY or last > _LAST_DAY for day, last in days):
        _leave_out(event, "lies outside 1970 to 2199", work)
        return
    found.events += 1
    work.ranges += days


def _recurring(event: Component, first: date, work: _Work) -> list[date]:
    """The dates on which it begins again. Raises UnusableRule."""
    found = work.found
    begins = [at for at in _dates(event, "RDATE") if at <= found.through]
    rules: Any = event.get("RRULE", [])
    for rule in _listed(rules):
        if not isinstance(rule, Mapping):
            raise UnusableRule("its rule is not understood")
        days = DayRule(cast("Mapping[str, Any]", rule), first)
        work.days_left -= days.work(found.through)
        if work.days_left < 0:
            raise UnusableRule("the rules of the file are too much work: send fewer recurring events")
        begins += days.dates(found.through)
    return begins


def _length(event: Component, start: date, first: date) -> int:
    """How many days it covers. DTEND of whole days is the day after; one at midnight touches no further day."""
    end, duration = _value(event, "DTEND"), _value(event, "DURATION")
    if end is None and isinstance(duration, timedelta):
        try:
            end = start + duration
        except OverflowError:
            raise UnusableRule("ends beyond all calendars") from None
    if isinstance(end, datetime) and isinstance(start, datetime):
        at_midnight = end.time().isoformat() == "00:00:00"
        last = end.date() - timedelta(days=1 if at_midnight and end.date() > first else 0)
        days = (last - first).days + 1
    elif isinstance(end, date):
        days = ((end.date() if isinstance(end, datetime) else end) - first).days
    else:
        days = 1
    if days > MAX_DAYS_OF_EVENT:
        raise UnusableRule(f"lasts {days:,} days; at most {MAX_DAYS_OF_EVENT:,} are taken")
    return max(days, 1)


def _leave_out(event: Component, reason: str, work: _Work) -> None:
    start = _date(event, "DTSTART")
    summary = _text(event.get("SUMMARY"))[:100] or _text(event.get("UID"))[:100]
    work.found.left_out.append(LeftOut(summary, None if start is None else start.isoformat(), reason))


def _value(event: Component, name: str) -> Any:
    """The plain value of a property; None where there is none, or it can't be read."""
    found = next(iter(_listed(event.get(name))), None)
    return _attribute(found, "dt")


def _attribute(value: Any, name: str) -> Any:
    """An attribute of a property's value; None where what was sent could not be read."""
    try:
        return getattr(value, name, None)
    except BrokenCalendarProperty:
        return None


def _date(event: Component, name: str) -> date | None:
    at = _value(event, name)
    return at.date() if isinstance(at, datetime) else at if isinstance(at, date) else None


def _dates(event: Component, name: str) -> list[date]:
    """All dates of a property that lists some, and may come several times."""
    found: list[date] = []
    for several in _listed(event.get(name, [])):
        for one in _listed(_attribute(several, "dts") or []):
            at: object = _attribute(one, "dt")
            if isinstance(at, tuple):  # of a period, its begin
                at = cast("tuple[object, ...]", at)[0]
            if isinstance(at, date):
                found.append(at.date() if isinstance(at, datetime) else at)
    return found


def _listed(value: Any) -> list[Any]:
    """A property that may come several times, as a list."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    first = next(iter(_listed(value)), None)
    return "" if first is None else " ".join(str(first).split())
