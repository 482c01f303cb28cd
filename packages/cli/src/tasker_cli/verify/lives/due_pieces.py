"""PURE. From a task's life to what had to run: pieces of time with one definition, and their occurrences.

A change is never retroactive (docs/schedules.md): what is effective up to its second is the former definition's, what
is effective later and nominal after the last one dealt with is the new one's. What both have, the former one had not
yet run, and whose new effective time has passed runs at once.
"""

import json
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from tasker_cli.verify.enumeration.calendar_versions import CalendarVersions
from tasker_cli.verify.enumeration.nominal_times import for_task, instant, nominal_times
from tasker_cli.verify.instants import DAY
from tasker_cli.verify.lives.definition import AuditedDefinition, spread_offset
from tasker_cli.verify.lives.task_life import Change, TaskLife

NEVER: Final = 1 << 60
_LOOKED_BACK: Final = (60, 3600, 2 * DAY)


class Piece:
    """The occurrences of one definition within a window, by their order.

    `effectives` is `nominals` itself where nothing is spread. Before `since` nothing of it could run. `base` is the row
    of the first one in the ledger of all runs.
    """

    __slots__ = ("base", "definition", "effectives", "generation", "nominals", "since", "task_id")

    def __init__(
        self,
        task_id: str,
        change: Change,
        definition: AuditedDefinition,
        nominals: Sequence[int],
        effectives: Sequence[int],
    ) -> None:
        self.task_id, self.since, self.generation, self.definition = task_id, change.at, change.generation, definition
        self.nominals, self.effectives, self.base = nominals, effectives, 0

    def __len__(self) -> int:
        return len(self.nominals)

    def index(self, nominal: int) -> int:
        """The place of a nominal second, -1 when it is none of these."""
        times = self.nominals
        if isinstance(times, range):
            place, rest = divmod(nominal - times.start, times.step)
            return place if not rest and 0 <= place < len(times) else -1
        place = bisect_left(times, nominal)
        return place if place < len(times) and times[place] == nominal else -1


class _Standing(NamedTuple):
    change: Change
    definition: AuditedDefinition
    after: int
    """The last nominal time dealt with before."""


class DuePieces:
    """The pieces of one task after another within the effective seconds [first, last]."""

    def __init__(self, first: int, last: int, calendars: CalendarVersions) -> None:
        self.first, self.last, self._calendars = first, last, calendars

    def of(self, life: TaskLife) -> list[Piece]:
        """The pieces of a task, those in which it is paused too. Raises ValueError, KeyError for odd schedules."""
        found, standing = list[Piece](), None
        # Without any spread, what was dealt with before lies before whatever is due after a change.
        is_spread = any(one.definition is not None and one.definition.window for one in life.changes)
        for change in life.changes:
            new, at = change.definition, change.at
            if at > self.last:
                break  # and what it is need not be known
            if standing is not None and new is not None:
                same = new.schedule == standing.definition.schedule
                if same and new.paused == standing.definition.paused:
                    standing = standing._replace(definition=new)
                    continue
            if standing is not None:
                self._close(found, life.task_id, standing, at)
            if new is None:
                standing = None
                continue
            after, at_once = -NEVER, NEVER
            if standing is not None and change.generation == standing.change.generation:
                if is_spread:
                    after, at_once = _handover(life.task_id, standing, new, at, self._calendars)
            elif standing is None and not change.creates and change.event_type != "standing":
                after = at  # what was dealt with before is not known
            elif new.is_once and (once := _once(new)) + _offset(life.task_id, new) <= at:
                at_once = once
            if at_once != NEVER and not new.paused and self.first <= at <= self.last:
                effective = min(at, _effective(life.task_id, new, at_once, self._calendars))
                found.append(Piece(life.task_id, change, new, (at_once,), (effective,)))
            standing = _Standing(change, new, after if at_once == NEVER else at_once)
        if standing is not None:
            self._close(found, life.task_id, standing, self.last)
        return found

    def _close(self, found: list[Piece], task_id: str, standing: _Standing, at: int) -> None:
        """Add what a definition had to deal with until another one took its place."""
        begin, end = max(standing.change.at + 1, self.first), min(at, self.last) + 1
        if begin >= end:
            return
        offset, definition = _offset(task_id, standing.definition), standing.definition
        if not offset:
            times = _times(_resolved(definition.schedule, task_id), self.first, self.last + 1, self._calendars)
            nominals = _between(times, max(begin, standing.after + 1), end)
            effectives = nominals
        else:
            pairs = _pairs(task_id, definition, begin - DAY, end, self._calendars)
            kept = [(n, e) for n, e in pairs if begin <= e < end and n > standing.after]
            nominals, effectives = (array("q", one) for one in zip(*kept, strict=True)) if kept else ((), ())
        if len(nominals):
            found.append(Piece(task_id, standing.change, definition, nominals, effectives))


def _handover(
    task_id: str, old: _Standing, new: AuditedDefinition, at: int, calendars: CalendarVersions
) -> tuple[int, int]:
    """The last nominal time dealt with before `at`, and the one that runs at once (NEVER for none)."""
    decided = _last_decided(task_id, old, at, calendars)
    if new.schedule == old.definition.schedule:
        return decided, NEVER
    pairs = _pairs(task_id, old.definition, at - old.definition.window, at + 1, calendars)
    nominal, effective = pairs[-1] if pairs else (-NEVER, at)
    both = nominal > decided and effective > at and _has(task_id, new, nominal, calendars)
    return decided, nominal if both and _effective(task_id, new, nominal, calendars) <= at else NEVER


def _last_decided(task_id: str, old: _Standing, at: int, calendars: CalendarVersions) -> int:
    """The last nominal time that is effective up to `at`; further back than any spread reaches does not matter."""
    for seconds in _LOOKED_BACK:
        pairs = _pairs(task_id, old.definition, at - seconds, at + 1, calendars)
        found = [n for n, e in pairs if old.change.at < e <= at]
        if found:
            return max(old.after, found[-1])
    return old.after


def _has(task_id: str, definition: AuditedDefinition, nominal: int, calendars: CalendarVersions) -> bool:
    return len(nominal_times(for_task(definition.written, task_id), nominal, nominal + 1, calendars)) > 0


def _pairs(
    task_id: str, definition: AuditedDefinition, begin: int, end: int, calendars: CalendarVersions
) -> list[tuple[int, int]]:
    """Nominal and effective times of what is nominal from `begin` up to, without, `end`."""
    offset = _offset(task_id, definition)
    written = for_task(definition.written, task_id)
    times = [*nominal_times(written, begin, end + offset + 1, calendars), NEVER]
    return [(n, min(n + offset, after - 1)) for n, after in pairwise(times) if n < end]


def _effective(task_id: str, definition: AuditedDefinition, nominal: int, calendars: CalendarVersions) -> int:
    return _pairs(task_id, definition, nominal, nominal + 1, calendars)[0][1]


def _offset(task_id: str, definition: AuditedDefinition) -> int:
    return spread_offset(task_id, definition.window) if definition.window else 0


def _once(definition: AuditedDefinition) -> int:
    written = definition.written
    return instant(written["at"], written.get("timezone", "UTC"))


def _between(times: "range | array[int]", begin: int, end: int) -> Sequence[int]:
    """Those from `begin` up to, without, `end`; nothing is copied."""
    if isinstance(times, range):
        low = max(0, -((times.start - begin) // times.step))
        return times[low : max(low, -((times.start - end) // times.step))]
    return memoryview(times)[bisect_left(times, begin) : bisect_left(times, end)]


@lru_cache(maxsize=8)
def _times(schedule: str, begin: int, end: int, calendars: CalendarVersions) -> "range | array[int]":
    """The nominal times of a schedule; tasks are asked in the order of their schedules."""
    found = nominal_times(json.loads(schedule), begin, end, calendars)
    return found if isinstance(found, range) else array("q", found)


@lru_cache(maxsize=4096)
def _resolved(schedule: str, task_id: str) -> str:
    """The schedule with the values that each `H` has for a task."""
    if '"cron"' not in schedule or "H" not in schedule.upper():
        return schedule
    return json.dumps(for_task(json.loads(schedule), task_id), sort_keys=True)
