"""The oracle's life of one task: which definition stood when, and which occurrences it had to deal with.

Deliberately simple: all occurrences are listed, and each change divides the list at the second of its effect.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.oracle.reference_calendar import FAR, Calendar, calendar, duration, second

Body = dict[str, Any]


@dataclass(slots=True)
class Expected:
    """An occurrence that must have a fate. `at_once`: the change itself made it run."""

    effective: int
    version: int
    misfire: tuple[str, int, int]
    at_once: bool = False


@dataclass(slots=True)
class Life:
    """One task in one generation."""

    task: str
    generation: int
    version: int
    body: Body
    since: int
    dealt: int = -FAR
    listed_to: int = -FAR
    recent: list[str] = field(default_factory=list[str])
    changed: tuple[int, int, int] = (0, 0, 0)
    foreign: bool = False
    """Whether an event that was forwarded has changed it."""
    expected: dict[int, Expected] = field(default_factory=dict[int, Expected])
    bodies: dict[int, Body] = field(default_factory=dict[int, Body])
    changes: list[int] = field(default_factory=list[int])
    ended: bool = False
    told: dict[tuple[int, str], bool] = field(default_factory=dict[tuple[int, str], bool])
    """Of each run whose end was told, whether it failed, since the version `counts_from`."""
    counts_from: int = 0
    finished: tuple[int, int] | None = None
    """Between which seconds it was found to be over."""

    @property
    def key(self) -> tuple[str, int]:
        """The task and its generation."""
        return self.task, self.generation

    @property
    def calendar(self) -> Calendar:
        """Its occurrences."""
        return calendar(self.body["schedule"], self.task)

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.body.get("paused", False)

    @property
    def misfire(self) -> tuple[str, int, int]:
        """Policy, grace in seconds, max."""
        given = self.body.get("misfire", {})
        return given.get("policy", "latest"), duration(given.get("grace", "PT1M")), given.get("max", 100)

    def coming(self, after: int) -> list[int]:
        """The nominal times that are effective after a second, under what stands."""
        return [
            nominal for nominal, effective in self.calendar.occurrences if effective > after and nominal > self.dealt
        ]

    def next_told(self, version: int, after: int, dealt: int, told: str | None) -> bool:
        """Whether `told` is the next nominal time of a version after `dealt`, effective after a second.

        Where that can be known, a few minutes being listed, and `max_runs` not looked at.
        """
        schedule = self.bodies[version]["schedule"]
        occurrences = calendar(schedule, self.task).occurrences
        coming = [nominal for nominal, effective in occurrences if effective > after and nominal > dealt]
        if told is None:
            return not coming or "max_runs" in schedule
        return second(told) == coming[0] if coming else not ("at" in schedule or "end" in schedule)

    def list_to(self, at: int) -> None:
        """Expect all that is effective up to a second, under what stands."""
        if not self.paused:
            begin, misfire = max(self.since, self.listed_to), self.misfire
            for nominal, effective in self.calendar.occurrences:
                if begin < effective <= at and nominal > self.dealt:
                    self.expected[nominal] = Expected(effective, self.version, misfire)
        self.listed_to = max(self.listed_to, at)

    def change(self, body: Body, version: int, at: int, *, resumed: bool) -> None:
        """Another definition takes effect at a second."""
        self.list_to(at)
        if resumed or _without_pause(body) != _without_pause(self.body):
            self.counts_from = version
            self.told.clear()
        old, was = self.calendar, self.body
        rescheduled = body["schedule"] != was["schedule"]
        if rescheduled or body.get("paused", False) != self.paused:
            decided = [nominal for nominal, effective in old.occurrences if self.since < effective <= at]
            begun = [(nominal, effective) for nominal, effective in old.occurrences if nominal <= at]
            self.dealt = max([self.dealt, *decided])
            self.body, self.version, self.since = body, version, at
            if rescheduled:
                self.finished = None
            if rescheduled and begun:
                self._at_once(*begun[-1], at)
        self.body, self.version = body, version
        self.bodies[version] = body
        self.changes.append(at)

    def create(self, at: int) -> None:
        """It was made at a second; a one-time task whose time is over runs at once."""
        self.bodies[self.version] = self.body
        self.changes.append(at)
        if self.calendar.once and not self.paused:
            ((nominal, effective),) = self.calendar.occurrences
            if effective <= at:
                self.dealt = nominal
                self.expected[nominal] = Expected(effective, self.version, self.misfire, at_once=True)

    def _at_once(self, nominal: int, effective: int, at: int) -> None:
        """What both definitions have, and the old one had still to run, when the new one would have run it already."""
        new = self.calendar.effective.get(nominal)
        if nominal > self.dealt and effective > at and new is not None and new <= at:
            self.dealt = nominal
            if not self.paused:
                self.expected[nominal] = Expected(new, self.version, self.misfire, at_once=True)


def _without_pause(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "pause"}
