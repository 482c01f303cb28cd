"""The definition in force: what is due under it, and how it hands over to the next one without loss or repetition.

Changes are never retroactive (docs/schedules.md): a definition that takes effect at t holds for occurrences effective
after t and nominal after the last one dealt with. One that both definitions have, which the old one had not yet emitted
and whose new effective time has passed, runs at once.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from tasker_core.schedules.occurrences import (
    NothingUntil,
    Occurrence,
    effective_of,
    is_excluded,
    next_within_bounds,
    search,
    search_back,
)
from tasker_core.schedules.schedule import NEVER, Schedule

OccurrenceStatus = Literal["scheduled", "excluded", "before", "none"]
"""`before`: of this definition. `none`: no nominal time of it, or not within start and end."""


@dataclass(frozen=True, slots=True)
class EffectiveSchedule:
    """A schedule in force for one task.

    `offset`: the task's delay by spread. `since`: the second at which the definition took effect. `after_nominal`: the
    last nominal time dealt with, under whichever definition; -NEVER when there was none.
    """

    schedule: Schedule
    offset: int
    since: int
    after_nominal: int = -NEVER

    def next_due(self, after: int) -> Occurrence | NothingUntil:
        """The first occurrence effective after `after` that this definition has to deal with."""
        found = search(self.schedule, max(after, self.since), self.offset)
        if isinstance(found, NothingUntil) or found.nominal > self.after_nominal:
            return found
        # The next nominal time is effective later still.
        found = search(self.schedule, self.after_nominal)
        if isinstance(found, NothingUntil):
            return found
        return Occurrence(found.nominal, effective_of(self.schedule, found.nominal, self.offset))

    def last_decided(self, until: int) -> int:
        """The last nominal time dealt with when everything effective up to `until` has been emitted or decided."""
        found = search_back(self.schedule, until + 1, self.offset)
        if isinstance(found, Occurrence) and found.effective > self.since:
            return max(self.after_nominal, found.nominal)
        return self.after_nominal

    def status_of(self, nominal: int) -> OccurrenceStatus:
        """What the schedule alone decides for a nominal time. Runs and missed ranges, if any, are more specific."""
        if next_within_bounds(self.schedule, nominal - 1) != nominal:
            return "none"
        excluded = is_excluded(self.schedule, nominal)
        effective = nominal if excluded else effective_of(self.schedule, nominal, self.offset)
        if nominal <= self.after_nominal or effective <= self.since:
            return "before"
        return "excluded" if excluded else "scheduled"


class Handover(NamedTuple):
    """The definition in force now, and the nominal time that runs at once under it; NEVER when there is none."""

    current: EffectiveSchedule
    run_at_once: int


def hand_over(old: EffectiveSchedule, schedule: Schedule, offset: int, at: int) -> Handover:
    """Let a new schedule and offset take effect at `at`, when all that was effective up to it has been dealt with.

    At most one occurrence can run at once: an occurrence is effective before the next one is nominal, so that only the
    last nominal time up to `at` can be still to come under `old`.
    """
    decided = old.last_decided(at)
    open_now = search_back(old.schedule, at + 1)
    nominal = open_now.nominal if isinstance(open_now, Occurrence) else -NEVER
    if nominal > decided and _has(schedule, nominal):
        begun = effective_of(old.schedule, nominal, old.offset) > at
        if begun and effective_of(schedule, nominal, offset) <= at:
            return Handover(EffectiveSchedule(schedule, offset, at, nominal), nominal)
    return Handover(EffectiveSchedule(schedule, offset, at, decided), NEVER)


def _has(schedule: Schedule, nominal: int) -> bool:
    return next_within_bounds(schedule, nominal - 1) == nominal and not is_excluded(schedule, nominal)
