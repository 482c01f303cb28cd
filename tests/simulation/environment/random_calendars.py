"""Calendars at random: their days are those around a simulation's own, so that each change counts at once or soon."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from tasker_core.time.zones import zone

Body = dict[str, Any]
CALENDARS: Final = ("c0", "c1", "t0")
"""One of them is called as a task is."""
_DAYS: Final = ((), (0, 0), (1, 1), (0, 1), (-1, 0), (-3, 5), (1, 30))
"""Of how many days from today to how many."""


class RandomCalendars:
    """`zone`: the one by whose clock most schedules read days. In half of all simulations there are `none`."""

    def __init__(self, chance: Random, zone: str) -> None:
        self._chance, self._zone = chance, zone
        self.none = chance.random() < 0.5

    def change(self, name: str, kind: str, now: int) -> Body:
        """The body of an event that defines or deletes a calendar."""
        if kind == "calendar-delete":
            return {"type": kind, "calendar": name}
        bogus = {"bogus": 1} if self._chance.random() < 0.03 else {}
        return {"type": kind, "calendar": {"name": name, "days": self._days(now), **bogus}}

    def options(self) -> Body:
        """The options of a schedule that is under calendars, or is not."""
        chance = self._chance
        if self.none or chance.random() < 0.4:
            return {}
        first, second = chance.sample(CALENDARS, 2)
        return chance.choice(
            (
                {"exclude_calendars": [first]},
                {"exclude_calendars": [first]},
                {"require_calendars": [first]},
                {"exclude_calendars": [first, second]},
                {"exclude_calendars": [first], "require_calendars": [second]},
            )
        )

    def _days(self, now: int) -> list[str]:
        at = datetime.fromtimestamp(now, UTC)
        today = (at if self._chance.random() < 0.3 else at.astimezone(zone(self._zone))).date()
        return [_entry(today, *span) for span in self._chance.sample(_DAYS, self._chance.choice((1, 1, 2))) if span]


def _entry(today: date, first: int, last: int) -> str:
    begin, end = (today + timedelta(days=days) for days in (first, last))
    return f"{begin}" if begin == end else f"{begin}/{end}"
