"""PURE. What the definitions of a task, one after the other, say of a nominal time. Instants are epoch seconds.

A nominal time belongs to the definition under which it had to be emitted (`owner`): by its effective time, which may be
later than a change that came after its nominal time. What belongs to none is told by the one in force at that time.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tasker_api.occurrences.definition import CalendarVersions, DefinitionInForce, definitions, seconds
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.schedules.schedule import NEVER

Verdict = Literal["due", "paused", "excluded", "superseded", "deleted", "ended", "before", "unknown"]
"""`due`: it had to run, or be missed. `unknown`: what held then is no longer known; the log may still say something."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the definitions say of one nominal time.

    `definition`: the one that it belongs to, else the one in force, else the first one known. `change`: the definition
    that superseded or deleted it, or that ended the pause (None: it goes on).
    """

    nominal: int
    effective: int
    verdict: Verdict
    definition: DefinitionInForce
    change: DefinitionInForce | None = None


class TaskHistory:
    """The known definitions of one task, in their order.

    `complete`: before the first one there was no task; otherwise, what was before is no longer known.
    """

    def __init__(
        self, revisions: Sequence[RevisionDocument], days: CalendarVersions | None = None, *, complete: bool
    ) -> None:
        self.definitions, self.complete = definitions(revisions, days or {}), complete
        self._begins = [one.begin for one in self.definitions]
        self._at_once = {one.at_once: i for i, one in enumerate(self.definitions) if one.at_once != NEVER}
        self.longest_delay = max((one.offset for one in self.definitions), default=0)

    def standing(self, nominal: int) -> Standing | None:
        """What the definitions say of a nominal time; None when none that held then has it."""
        known = self.definitions
        later = bisect_left(self._begins, nominal)
        in_force, last = max(later - 1, 0), bisect_left(self._begins, nominal + self.longest_delay)
        # A task that was deleted and created again may have the same time once more: the later one is told.
        owners = [i for i in range(in_force, last) if known[i].owns(nominal)]
        if nominal in self._at_once:
            owners.append(self._at_once[nominal])
        if owners:
            return self._owned(max(owners), nominal)
        if not later:
            return self._before_all(nominal)
        return self._not_owned(in_force, nominal) if nominal <= known[in_force].end else None

    def of_version(self, version: int) -> DefinitionInForce | None:
        """The definition of a version, if it is among them."""
        return next((one for one in self.definitions if one.revision["version"] == version and not one.is_end), None)

    def _owned(self, i: int, nominal: int) -> Standing:
        one = self.definitions[i]
        effective, finish = one.effective(nominal), one.finish
        if finish is not None and nominal > seconds(finish["last_nominal"], NEVER):
            return Standing(nominal, effective, "ended", one)
        if one.revision["paused"]:
            return Standing(
                nominal, effective, "paused", one, self._next(i, lambda later: not later.revision["paused"])
            )
        return Standing(nominal, effective, "due", one, self._next(i, lambda later: later.chain != one.chain))

    def _not_owned(self, i: int, nominal: int) -> Standing | None:
        one = self.definitions[i]
        if one.is_end:
            if not one.has(nominal) or one.excludes(nominal):
                return None
            verdict = "deleted" if one.revision["event_type"] == "delete" else "ended"
            return Standing(nominal, nominal, verdict, one, one)
        if not one.has(nominal):
            return _out_of_bounds(one, nominal)
        if one.excludes(nominal):
            return Standing(nominal, nominal, "excluded", one)
        change = self._next(i, lambda _: True)
        if change is None:  # no history that the ticker has written says so
            return Standing(nominal, one.effective(nominal), "unknown", one)
        return Standing(nominal, one.effective(nominal), "deleted" if change.is_end else "superseded", one, change)

    def _before_all(self, nominal: int) -> Standing | None:
        """What was before the first one that is known: nothing, or nobody knows."""
        one = self.definitions[0] if self.definitions else None
        if one is None or not one.has(nominal) or one.excludes(nominal):
            return None
        begun = self.complete and one.is_creation
        return Standing(nominal, one.effective(nominal), "before" if begun else "unknown", one)

    def _next(self, i: int, is_it: Callable[[DefinitionInForce], bool]) -> DefinitionInForce | None:
        return next((one for one in self.definitions[i + 1 :] if is_it(one)), None)


def _out_of_bounds(one: DefinitionInForce, nominal: int) -> Standing | None:
    """Of a time that the schedule would have without its `start` and `end`."""
    schedule = one.schedule
    if schedule is None or schedule.next_after(nominal - 1) != nominal:
        return None
    return Standing(nominal, nominal, "before" if nominal < schedule.bounds[0] else "ended", one)
