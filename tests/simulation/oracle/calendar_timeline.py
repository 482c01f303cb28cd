"""What the topic `calendars` said and when, of all partitions: nobody needs to know more of a calendar to use it."""

from dataclasses import dataclass
from typing import Any

import msgspec

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tests.simulation.cluster.broker import SimulatedBroker
from tests.simulation.oracle.reference_calendar import second

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToldCalendar:
    """One record: a version of a calendar that holds `since` a second, visible from `ms` on; None: it is deleted."""

    version: int | None
    since: int
    ms: int


class CalendarTimeline:
    """The versions of all calendars, and their `days`. `slack_ms`: how long it may take until a record is read."""

    def __init__(self, broker: SimulatedBroker, partitions: int, slack_ms: int) -> None:
        self.days, self._slack_ms = CalendarVersions(), slack_ms
        self._told: dict[str, list[ToldCalendar]] = {}
        for partition in range(partitions):
            for entry in broker.log("tasker.calendars", partition).committed():
                assert entry.transaction is not None
                name, ms = (entry.key or b"").decode(), entry.transaction.ended_ms
                told = ToldCalendar(None, 0, ms)
                if entry.value is not None:
                    body: Body = msgspec.json.decode(entry.value)
                    told = ToldCalendar(body["version"], second(body["effective_from"]), ms)
                    self.days.add(name, body["version"], body.get("days", ()))
                self._told.setdefault(name, []).append(told)

    def find(self, name: str, version: int) -> ToldCalendar | None:
        """A version of a calendar."""
        return next((told for told in self._told.get(name, ()) if told.version == version), None)

    def at(self, name: str, ms: int) -> ToldCalendar | None:
        """What was told last of a calendar at an instant."""
        return next((told for told in reversed(self._told.get(name, ())) if told.ms <= ms), None)

    def between(self, name: str, begin: int, end: int) -> list[ToldCalendar | None]:
        """What was told last at any instant from `begin` to `end`; None: nothing yet."""
        return [self.at(name, begin), *(told for told in self._told.get(name, ()) if begin < told.ms <= end)]

    def may_know(self, name: str, begin: int, end: int) -> list[ToldCalendar | None]:
        """What a process may know of a calendar at some instant from `begin` to `end`."""
        return self.between(name, begin - self._slack_ms, end)
