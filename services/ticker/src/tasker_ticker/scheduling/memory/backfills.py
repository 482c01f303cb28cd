"""PURE. Backfills being worked off: past nominal times that somebody wants to run, at a rate of their own."""

from dataclasses import dataclass

from msgspec.structs import replace

from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.ticker_state import BackfillState


@dataclass(slots=True)
class _Pace:
    """How many runs a backfill may emit by now: at least one at its begin, and `rate` a minute from then on."""

    credit: float
    at_ms: int

    def grow(self, now_ms: int, rate: int) -> None:
        self.credit = min(self.credit + max(0, now_ms - self.at_ms) * rate / 60_000, max(1.0, rate / 60))
        self.at_ms = now_ms


def name_of(task_id: str, event_id: str) -> str:
    """The name of a backfill: the ids of events are one task's own, and that of a task has no slash."""
    return f"{task_id}/{event_id}"


def event_of(name: str) -> str:
    """The id of the event that asked for a backfill."""
    return name.partition("/")[2]


class Backfills:
    """Those of one partition, by name."""

    def __init__(self, states: dict[str, BackfillState]) -> None:
        self.states = states
        self._paces: dict[str, _Pace] = {}

    def of_task(self, task_id: str) -> list[str]:
        """The names of a task's backfills."""
        return sorted(name for name, state in self.states.items() if state.task_id == task_id)

    def allowed(self, name: str, now_ms: int) -> int:
        """How many runs of it may be emitted now."""
        pace = self._paces.setdefault(name, _Pace(1.0, now_ms))
        pace.grow(now_ms, self.states[name].rate)
        return int(pace.credit)

    def emitted(self, name: str) -> None:
        """Count a run against the rate."""
        self._paces[name].credit -= 1

    def keep(self, name: str, state: BackfillState | None) -> None:
        """Hold its new state; None drops it."""
        if state is None:
            del self.states[name]
            self._paces.pop(name, None)
        else:
            self.states[name] = state


def advanced(state: BackfillState, schedule: Schedule) -> tuple[int, BackfillState]:
    """The next nominal time of a backfill and its state after it; NEVER when it is done.

    A search that could not be finished yields no time and a state from which it goes on: (-NEVER, state).
    """
    if state.cursor is None or state.end is None:
        if not state.times:
            return NEVER, state
        return state.times[0], replace(state, times=state.times[1:], runs=state.runs + 1)
    found = search(schedule, state.cursor)
    if isinstance(found, NothingUntil):
        if found.checkpoint >= state.end:
            return NEVER, state
        return -NEVER, replace(state, cursor=max(found.checkpoint, state.cursor + 1))
    if found.nominal >= state.end:
        return NEVER, state
    return found.nominal, replace(state, cursor=found.nominal, runs=state.runs + 1)
