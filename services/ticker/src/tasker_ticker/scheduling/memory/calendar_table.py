"""PURE. The calendars as the topic `calendars` has them: each as the partition of its name has written it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from tasker_core.calendars.calendar_days import CalendarDays, calendar_days
from tasker_core.messages.calendars import decode_calendar
from tasker_core.time.instant import parse_second


class NewestCalendar(NamedTuple):
    """A calendar as it stands, since the second `since`."""

    name: str
    version: int
    entries: tuple[str, ...]
    since: int

    @property
    def days(self) -> CalendarDays:
        """Its days, ready to be asked."""
        return calendar_days(self.entries)


class AllCalendars(Protocol):
    """The calendars of all partitions, as far as they are read."""

    @property
    def calendar_mark(self) -> object:
        """Another one whenever a calendar has changed."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether they are read at the moment."""
        ...

    def find_calendar(self, name: str) -> NewestCalendar | None:
        """The calendar of a name."""
        ...

    def calendar_names(self) -> Sequence[str]:
        """The names of all, sorted."""
        ...


class CalendarTable:
    """The calendars by name. `mark` is another object after each change."""

    def __init__(self) -> None:
        self.by_name: dict[str, NewestCalendar] = {}
        self.mark = object()

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Take in the next record; returns what is wrong with it, if anything."""
        name = (key or b"").decode(errors="replace")
        try:
            if value is None:
                self.by_name.pop(name, None)
            else:
                message = decode_calendar(value)
                since = parse_second(message.effective_from)
                self.by_name[name] = NewestCalendar(name, message.version, message.days, since)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            return f"ignored: {error}"
        self.mark = object()
        return None
