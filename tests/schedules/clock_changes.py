"""Fifteen zones with the oddest clocks, and days on which their clocks change."""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple

DAY: Final = 86_400


class ClockChange(NamedTuple):
    """A zone and a local date on which its clock is changed, or an ordinary one."""

    zone: str
    day: date

    @property
    def midnight(self) -> int:
        """The instant at which that date begins in UTC."""
        return midnight(self.day)


def midnight(day: date) -> int:
    """The instant at which a date begins in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _changes(zone: str, *days: str) -> list[ClockChange]:
    return [ClockChange(zone, date.fromisoformat(day)) for day in days]


CHANGES: Final = [
    *_changes("Europe/Berlin", "2026-03-29", "2026-10-25"),
    *_changes("America/New_York", "2026-03-08", "2026-11-01"),
    *_changes("Australia/Lord_Howe", "2026-10-04", "2026-04-05"),  # half an hour
    *_changes("America/Santiago", "2026-09-06", "2026-04-04"),  # at midnight
    *_changes("America/Havana", "2025-03-09", "2025-11-02"),  # at midnight
    *_changes("Antarctica/Troll", "2026-03-29", "2026-10-25"),  # two hours
    *_changes("Africa/Casablanca", "2026-03-22", "2026-02-15"),  # around Ramadan
    *_changes("Europe/Dublin", "2026-03-29", "2026-10-25"),  # winter is the exception
    *_changes("Pacific/Apia", "2011-12-30", "2012-04-01"),  # no such day
    *_changes("Asia/Kathmandu", "1986-01-01"),  # a quarter of an hour, for good
    *_changes("America/St_Johns", "2006-04-02", "2006-10-29"),  # one minute past midnight
    *_changes("Asia/Tehran", "2022-03-22", "2022-09-21"),  # at midnight
    *_changes("Africa/Cairo", "2026-04-24", "2026-10-29"),  # at midnight
    *_changes("Pacific/Chatham", "2026-09-27", "2026-04-05"),  # at a quarter to
]
UNCHANGED: Final = ClockChange("UTC", date(2026, 2, 28))
ZONES: Final = sorted({change.zone for change in [*CHANGES, UNCHANGED]})
