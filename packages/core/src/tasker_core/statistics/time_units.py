"""PURE. Minutes, hours and days of UTC, as epoch minutes: what a minute counts for, and what a window is made of."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from tasker_core.documents.statistics import Resolution

LENGTHS: Final[Mapping[Resolution, int]] = {"minute": 1, "hour": 60, "day": 24 * 60}
"""In minutes."""


class TimeUnit(NamedTuple):
    """A minute, hour or day; `start` is an epoch minute."""

    resolution: Resolution
    start: int

    @property
    def end(self) -> int:
        """The first minute after it."""
        return self.start + LENGTHS[self.resolution]

    def document_id(self, of: str) -> str:
        """The id of what is counted for it; those of units that follow each other do so, too."""
        return f"{of}/{self.resolution}/{self.start:08d}"


def units_of(minute: int) -> Iterator[TimeUnit]:
    """The minute itself, its hour and its day."""
    for resolution, length in LENGTHS.items():
        yield TimeUnit(resolution, minute // length * length)


def in_rows(units: Iterable[TimeUnit]) -> list[tuple[TimeUnit, TimeUnit]]:
    """The first and the last of units of one length that follow each other without a gap."""
    rows: list[tuple[TimeUnit, TimeUnit]] = []
    for unit in units:
        if rows and rows[-1][1].end == unit.start and rows[-1][1].resolution == unit.resolution:
            rows[-1] = rows[-1][0], unit
        else:
            rows.append((unit, unit))
    return rows


def units_between(start: int, end: int) -> list[TimeUnit]:
    """The fewest units that make up the minutes [start, end), in order."""
    found: list[TimeUnit] = []
    while start < end:
        fitting = (unit for unit in units_of(start) if unit.start == start and unit.end <= end)
        found.append(max(fitting, key=lambda unit: unit.end))
        start = found[-1].end
    return found
