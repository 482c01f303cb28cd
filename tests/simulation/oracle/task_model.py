"""The oracle's model of one task: which definition held when, and which occurrences it had to decide.

Deliberately simple: all occurrences are listed, and each change divides the list at the second of its effect.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.simulation.oracle.reference_calendar import FAR, Calendars, ReferenceCalendar, duration, second

Body = dict[str, Any]


@dataclass(slots=True)
class ExpectedOccurrence:
    """An occurrence that must run or be missed. `at_once`: the change itself made it run."""

    effective: int
    version: int
    misfire: tuple[str, int, int]
    at_once: bool = False


@dataclass(slots=True)
class TaskModel:
    """One task in one generation.

    `decided` is the last nominal time that a change has decided. `foreign`: whether an event that was forwarded has
    changed it. `outcomes`: of each run whose outcome was reported since the version `counts_from`, whether it failed.
    `finished`: between which seconds it was found to be over. `runs_done`: its runs that count against `max_runs`.
    """

    task_id: str
    generation: int
    version: int
    body: Body
    since: int
    calendars: Calendars
    decided: int = -FAR
    listed_to: int = -FAR
    recent_events: list[str] = field(default_factory=list[str])
    changed: tuple[int, int, int] = (0, 0, 0)
    foreign: bool = False
    expected: dict[int, ExpectedOccurrence] = field(default_factory=dict[int, ExpectedOccurrence])
    bodies: dict[int, Body] = field(default_factory=dict[int, Body])
    changes: list[int] = field(default_factory=list[int])
    ended: bool = False
    outcomes: dict[tuple[int, str], bool] = field(default_factory=dict[tuple[int, str], bool])
    counts_from: int = 0
    finished: tuple[int, int] | None = None
    runs_done: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """The task and its generation."""
        return self.task_id, self.generation

    @property
    def calendar(self) -> ReferenceCalendar:
        """Its occurrences."""
        return self.calendars.of(self.body["schedule"], self.task_id)

    def calendar_of(self, version: int) -> ReferenceCalendar:
        """The occurrences of one of its definitions."""
        return self.calendars.of(self.bodies[version]["schedule"], self.task_id)

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
        """The nominal times that are effective after a second, under the current definition."""
        return [
            nominal for nominal, effective in self.calendar.occurrences if effective > after and nominal > self.decided
        ]

    def is_next(self, version: int, after: int, decided: int, reported: str | None) -> bool:
        """Whether `reported` is the next nominal time of a version after `decided`, effective after a second.

        `max_runs` is not looked at.
        """
        calendar = self.calendar_of(version)
        coming = [nominal for nominal, effective in calendar.occurrences if effective > after and nominal > decided]
        if reported is None:
            return calendar.max_runs is not None or not (coming or calendar.following)
        return second(reported) == (coming[0] if coming else calendar.following)

    def list_to(self, at: int) -> None:
        """Expect all that is effective up to a second, under the current definition."""
        if not self.paused:
            begin, misfire = max(self.since, self.listed_to), self.misfire
            for nominal, effective in self.calendar.occurrences:
                if begin < effective <= at and nominal > self.decided:
                    self.expected[nominal] = ExpectedOccurrence(effective, self.version, misfire)
        self.listed_to = max(self.listed_to, at)

    def change(self, body: Body, version: int, at: int, *, resumed: bool) -> None:
        """Another definition takes effect at a second."""
        self.list_to(at)
        if resumed or _without_pause(body) != _without_pause(self.body):
            self.counts_from = version
            self.outcomes.clear()
        old, before = self.calendar, self.body
        rescheduled = body["schedule"] != before["schedule"]
        if rescheduled or body.get("paused", False) != self.paused:
            decided = [nominal for nominal, effective in old.occurrences if self.since < effective <= at]
            begun = [(nominal, effective) for nominal, effective in old.occurrences if nominal <= at]
            self.decided = max([self.decided, *decided])
            self.body, self.version, self.since = body, version, at
            if rescheduled:
                self.finished = None
            if rescheduled and begun:
                self._run_at_once(*begun[-1], at)
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
                self.decided = nominal
                self.expected[nominal] = ExpectedOccurrence(effective, self.version, self.misfire, at_once=True)

    def _run_at_once(self, nominal: int, effective: int, at: int) -> None:
        """What both definitions have, and the old one had still to run, when the new one would have run it already."""
        new = self.calendar.effective.get(nominal)
        if nominal > self.decided and effective > at and new is not None and new <= at:
            self.decided = nominal
            if not self.paused:
                self.expected[nominal] = ExpectedOccurrence(new, self.version, self.misfire, at_once=True)


def _without_pause(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "pause"}
