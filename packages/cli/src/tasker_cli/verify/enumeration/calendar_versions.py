"""PURE. The days of calendars, version by version: which of them leave a day to a schedule that is under them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

EXCLUDED: Final = "exclude_calendars"
REQUIRED: Final = "require_calendars"


class CalendarVersions:
    """The days of each version that is known, as closed ranges of dates. All parts of an audit share one."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, int], list[tuple[date, date]]] = {}

    def add(self, name: str, version: int, days: Iterable[str]) -> None:
        """Learn what a version of a calendar says. Raises ValueError for what is neither a date nor a range."""
        spans = [one.partition("/") for one in days]
        self._days[name, version] = [
            (date.fromisoformat(first), date.fromisoformat(last or first)) for first, _, last in spans
        ]

    def spans(self, name: str, version: int) -> Sequence[tuple[date, date]]:
        """The days of a version, as closed ranges of dates. Raises KeyError."""
        return self._days[name, version]

    def knows(self, written: Mapping[str, Any]) -> bool:
        """Whether the days of all calendars are known that a schedule, `under` versions, names."""
        return all(
            (name, version) in self._days for name, version in [*_of(written, EXCLUDED), *_of(written, REQUIRED)]
        )

    def left_days(self, written: Mapping[str, Any]) -> Callable[[date], bool]:
        """Tells of dates whether the calendars of a schedule, `under` versions, leave them. Raises KeyError."""
        excluded = [self._days[name, version] for name, version in _of(written, EXCLUDED)]
        required = [self._days[name, version] for name, version in _of(written, REQUIRED)]
        known = dict[date, bool]()

        def is_left(day: date) -> bool:
            if (found := known.get(day)) is None:
                out = any(_holds(spans, day) for spans in excluded)
                found = known[day] = not out and all(_holds(spans, day) for spans in required)
            return found

        return is_left


def under(written: dict[str, Any], versions: Mapping[str, int]) -> dict[str, Any]:
    """The schedule with each name of a calendar replaced by name and version; 0 where that is not known."""
    options = [name for name in (EXCLUDED, REQUIRED) if name in written]
    return written | {option: [[name, versions.get(name, 0)] for name in written[option]] for option in options}


def names_calendars(written: Mapping[str, Any]) -> bool:
    """Whether a schedule names any."""
    return bool(written.get(EXCLUDED) or written.get(REQUIRED))


def _of(written: Mapping[str, Any], option: str) -> Sequence[tuple[str, int]]:
    return [(name, version) for name, version in written.get(option, ())]


def _holds(spans: Iterable[tuple[date, date]], day: date) -> bool:
    return any(first <= day <= last for first, last in spans)
