"""The oracle's model of one task: which definition held when, and which occurrences it had to decide.

Deliberately simple: all occurrences are listed, and each change divides the list at the second of its effect.
"""

from dataclasses import dataclass, field
from typing import Any

from tasker_cli.verify.enumeration.calendar_versions import EXCLUDED, REQUIRED, under
from tests.simulation.oracle.reference_calendar import FAR, Calendars, ReferenceCalendar, duration

Body = dict[str, Any]


@dataclass(slots=True)
class ExpectedOccurrence:
    """An occurrence of a definition that must run or be missed. `at_once`: the change itself made it run."""

    effective: int
    version: int
    misfire: tuple[str, int, int]
    calendar: ReferenceCalendar
    at_once: bool = False


@dataclass(slots=True)
class TaskModel:
    """One task in one generation.

    `decided` is the last nominal time that a change has decided. `foreign`: whether an event that was forwarded has
    changed it. `outcomes`: of each run whose outcome was reported since the version `counts_from`, whether it failed.
    `finished`: between which seconds it was found to be over. `runs_done`: its runs that count against `max_runs`.
    `versions`: of the calendars that it is under.
    `finished_as`: under which version that was said last; 0 when it has to be said again.
    """

    task_id: str
    generation: int
    version: int
    body: Body
    since: int
    calendars: Calendars
    versions: dict[str, int]
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
    finished_as: int = 0
    runs_done: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """The task and its generation."""
        return self.task_id, self.generation

    @property
    def calendar(self) -> ReferenceCalendar:
        """Its occurrences."""
        return self.calendars.of(under(self.body["schedule"], self.versions), self.task_id)

    @property
    def bare_calendar(self) -> ReferenceCalendar:
        """Its occurrences if nothing were left out of them."""
        options = ("exclude", EXCLUDED, REQUIRED)
        bare = {name: value for name, value in self.body["schedule"].items() if name not in options}
        return self.calendars.of(bare, self.task_id)

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

    def list_to(self, at: int) -> None:
        """Expect all that is effective up to a second, under the current definition."""
        if not self.paused:
            begin, misfire = max(self.since, self.listed_to), self.misfire
            for nominal, effective in self.calendar.occurrences:
                if begin < effective <= at and nominal > self.decided:
                    self.expected[nominal] = ExpectedOccurrence(effective, self.version, misfire, self.calendar)
        self.listed_to = max(self.listed_to, at)

    def hand_over(self, versions: dict[str, int], at: int) -> None:
        """Other versions of its calendars hold for it from a second on."""
        self.list_to(at)
        self._take_effect(self.body, versions, self.version, at)
        self.changes.append(at)
        self.finished_as = 0

    def change(self, body: Body, versions: dict[str, int], version: int, at: int, *, resumed: bool) -> None:
        """Another definition takes effect at a second."""
        self.list_to(at)
        if resumed or _without_pause(body) != _without_pause(self.body):
            self.counts_from = version
            self.outcomes.clear()
        rescheduled = (body["schedule"], versions) != (self.body["schedule"], self.versions)
        if rescheduled:
            self.finished = None
        if rescheduled or body.get("paused", False) != self.paused:
            self._take_effect(body, versions, version, at)
        self.body, self.version = body, version
        self.bodies[version] = body
        self.changes.append(at)

    def _take_effect(self, body: Body, versions: dict[str, int], version: int, at: int) -> None:
        rescheduled = (body["schedule"], versions) != (self.body["schedule"], self.versions)
        old = self.calendar.occurrences
        decided = [nominal for nominal, effective in old if self.since < effective <= at]
        begun = [(nominal, effective) for nominal, effective in old if nominal <= at]
        self.decided = max([self.decided, *decided])
        self.body, self.versions, self.version, self.since = body, versions, version, at
        if rescheduled and begun and self.finished is None:
            self._run_at_once(*begun[-1], at)

    def create(self, at: int) -> None:
        """It was made at a second; a one-time task whose time is over runs at once."""
        self.bodies[self.version] = self.body
        self.changes.append(at)
        if self.calendar.once and not self.paused:
            ((nominal, effective),) = self.calendar.occurrences
            if effective <= at:
                self.decided = nominal
                self.expected[nominal] = ExpectedOccurrence(
                    effective, self.version, self.misfire, self.calendar, at_once=True
                )

    def _run_at_once(self, nominal: int, effective: int, at: int) -> None:
        """What both definitions have, and the old one had still to run, when the new one would have run it already."""
        new = self.calendar.effective.get(nominal)
        if nominal > self.decided and effective > at and new is not None and new <= at:
            self.decided = nominal
            if not self.paused:
                self.expected[nominal] = ExpectedOccurrence(
                    new, self.version, self.misfire, self.calendar, at_once=True
                )


def _without_pause(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "pause"}
