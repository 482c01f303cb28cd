"""PURE. One revision of a task as a definition: when it was in force, and what it had to emit. Instants are seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import msgspec
from msgspec import UNSET

from tasker_api.conversion.schedules import schedule_of_task
from tasker_core.calendars.calendar_days import CalendarDays, range_at
from tasker_core.documents.revisions import ENDS, FinishDocument, RevisionDocument
from tasker_core.schedules.effective_schedule import EffectiveSchedule, hand_over
from tasker_core.schedules.exclusion import exclusion
from tasker_core.schedules.kinds.options import Recurring
from tasker_core.schedules.occurrences import effective_of, is_excluded, next_within_bounds, offset_of
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.ticker_state import AcceptedTask, Pause
from tasker_core.time.instant import to_ms
from tasker_core.time.zones import DAY, offset_at

CalendarVersions = Mapping[tuple[str, int], CalendarDays]
"""The days of versions of calendars, by name and version."""
_decode_task = msgspec.json.Decoder(AcceptedTask).decode


def seconds(instant: datetime | None, default: int) -> int:
    """Epoch seconds of an instant."""
    return default if instant is None else to_ms(instant) // 1000


@dataclass(frozen=True)
class DefinitionInForce:
    """A revision, in force for what is effective in (begin, end].

    `task`: None after a delete or a removal, `schedule` is then the one that stood before; None when that is not known,
    or the days of a calendar are not. `days`: those of its calendars, by name.
    `at_once`: the nominal time that ran at once when it took effect; NEVER when there was none. `finish`: why no
    occurrence was left of its schedule. `chain`: equal for definitions in a row that share one schedule.
    """

    revision: RevisionDocument
    task: AcceptedTask | None
    schedule: Schedule | None
    at_once: int
    finish: FinishDocument | None
    chain: int
    days: Mapping[str, CalendarDays]

    @cached_property
    def begin(self) -> int:
        """When it took effect."""
        return seconds(self.revision["effective_from"], -NEVER)

    @cached_property
    def end(self) -> int:
        """When the next one took effect; NEVER while it stands."""
        return seconds(self.revision["superseded_at"], NEVER)

    @property
    def is_end(self) -> bool:
        """Whether it is a delete or a removal."""
        return self.task is None

    @property
    def is_creation(self) -> bool:
        """Whether there was no task of its generation before."""
        return self.revision["event_type"] == "put" and self.revision["version"] == self.revision["generation"]

    @property
    def pause(self) -> Pause | None:
        """Since when the task was paused, by whom and why; None where it was not."""
        if self.task is None or not self.task.paused or self.task.pause is UNSET:
            return None
        return self.task.pause

    @cached_property
    def offset(self) -> int:
        """The delay that `spread` gives to the task."""
        return 0 if self.schedule is None else offset_of(self.schedule, self.revision["task_id"])

    @property
    def limit(self) -> int | None:
        """How many scheduled runs it allows: `max_runs`."""
        return None if self.schedule is None else self.schedule.run_limit

    def has(self, nominal: int) -> bool:
        """Whether its schedule has a nominal time, be it excluded or not."""
        return self.schedule is not None and next_within_bounds(self.schedule, nominal - 1) == nominal

    def excludes(self, nominal: int) -> bool:
        """Whether `exclude`, or a calendar, leaves a nominal time out."""
        return self.schedule is not None and is_excluded(self.schedule, nominal)

    def excluding_entry(self, nominal: int) -> str | None:
        """The first entry of `exclude` that leaves a nominal time out."""
        schedule = self.schedule
        if not isinstance(schedule, Recurring):
            return None
        shown = nominal + offset_at(schedule.clock, nominal)
        return next((entry for entry in schedule.exclude if exclusion((entry,)).holds(shown)), None)

    def excluding_calendar(self, nominal: int) -> tuple[str, bool] | None:
        """The first calendar that leaves a nominal time out, and whether that is one that it requires."""
        schedule = self.schedule
        if not isinstance(schedule, Recurring):
            return None
        day = (nominal + offset_at(schedule.clock, nominal)) // DAY
        on = {name: range_at(days.ranges, day) is not None for name, days in self.days.items()}
        excluding = [(name, False) for name in schedule.exclude_calendars if on.get(name)]
        return next(iter(excluding + [(name, True) for name in schedule.require_calendars if not on.get(name)]), None)

    def effective(self, nominal: int) -> int:
        """The effective time of an occurrence; of one that ran at once when that was."""
        assert self.schedule is not None
        at = effective_of(self.schedule, nominal, self.offset)
        return min(at, self.begin) if nominal == self.at_once else at

    def owns(self, nominal: int) -> bool:
        """Whether it had to deal with an occurrence: it ran under it, was missed, or was paused."""
        if nominal == self.at_once:
            return True
        if self.is_end or not self.has(nominal) or self.excludes(nominal):
            return False
        after = max(self.begin, seconds(self.revision["since"], -NEVER))
        decided = seconds(self.revision["after_nominal"], -NEVER)
        return nominal > decided and after < self.effective(nominal) <= self.end


def definitions(revisions: Sequence[RevisionDocument], days: CalendarVersions) -> list[DefinitionInForce]:
    """The definitions of revisions of one task, in their order; `days`: those of the calendars that they are under."""
    found: list[DefinitionInForce] = []
    for revision in revisions:
        found.append(_definition(revision, days, found[-1] if found else None))
    return _with_finishes(found)


def _definition(
    revision: RevisionDocument, days: CalendarVersions, before: DefinitionInForce | None
) -> DefinitionInForce:
    if revision["task_json"] is None or revision["event_type"] in ENDS:
        schedule, chain = (None, 0) if before is None else (before.schedule, before.chain)
        return DefinitionInForce(revision, None, schedule, NEVER, None, chain + 1, before.days if before else {})
    task = _decode_task(revision["task_json"])
    known = {name: found for name, at in revision["calendars"].items() if (found := days.get((name, at))) is not None}
    schedule = resolved_schedule(bytes(task.schedule).decode(), revision["task_id"], known)
    new = DefinitionInForce(revision, task, schedule, NEVER, revision["finished"], 0, known)
    if before is None or before.is_end or before.revision["generation"] != revision["generation"]:
        chain, at_once = (0 if before is None else before.chain + 1), _at_once_when_created(new)
    elif before.schedule == schedule:
        chain, at_once = before.chain, NEVER
    else:
        chain, at_once = before.chain + 1, _at_once_when_changed(before, new)
    return DefinitionInForce(revision, task, schedule, at_once, revision["finished"], chain, known)


def resolved_schedule(text: str, task_id: str, days: Mapping[str, CalendarDays]) -> Schedule | None:
    """A schedule as one revision reads it: with the task's values of `H`, and the days of its calendars.

    None when those of one are not known.
    """
    schedule = schedule_of_task(text, task_id)
    return schedule.with_calendars(days) if all(name in days for name in schedule.calendar_names) else None


def _at_once_when_created(new: DefinitionInForce) -> int:
    """A one-time task whose time is over when it is created runs at once."""
    if not new.is_creation or new.revision["paused"] or new.schedule is None or not new.schedule.is_one_time:
        return NEVER
    nominal = next_within_bounds(new.schedule, -NEVER)
    return nominal if nominal + new.offset <= new.begin else NEVER


def _at_once_when_changed(old: DefinitionInForce, new: DefinitionInForce) -> int:
    if new.revision["paused"]:
        return NEVER
    if old.schedule is None or new.schedule is None:
        return NEVER
    since, decided = seconds(old.revision["since"], old.begin), seconds(old.revision["after_nominal"], -NEVER)
    standing = EffectiveSchedule(old.schedule, old.offset, since, decided)
    return hand_over(standing, new.schedule, new.offset, new.begin).run_at_once


def _with_finishes(found: list[DefinitionInForce]) -> list[DefinitionInForce]:
    """An edit that leaves the schedule of a finished task alone leaves it finished; that is not said again."""
    finishes = {one.chain: one.finish for one in reversed(found) if one.finish is not None}
    return [replace(one, finish=finishes.get(one.chain)) for one in found]
