"""PURE. Backfills in progress: past nominal times that somebody wants to run, each at a rate of its own."""

from dataclasses import dataclass

from msgspec.structs import replace

from tasker_core.schedules.occurrences import NothingUntil, search
from tasker_core.schedules.schedule import NEVER, Schedule
from tasker_core.ticker_state import BackfillState


@dataclass(slots=True)
class _RateLimit:
    """How many runs a backfill may emit by now: at least one at its start, and `rate` a minute from then on."""

    tokens: float
    at_ms: int

    def refill(self, now_ms: int, rate: int) -> None:
        self.tokens = min(self.tokens + max(0, now_ms - self.at_ms) * rate / 60_000, max(1.0, rate / 60))
        self.at_ms = now_ms


def backfill_name(task_id: str, event_id: str) -> str:
    """The name of a backfill: the ids of events are one task's own, and that of a task has no slash."""
    return f"{task_id}/{event_id}"


def event_id_of(name: str) -> str:
    """The id of the event that requested a backfill."""
    return name.partition("/")[2]


class BackfillQueue:
    """The backfills of one partition, by name."""

    def __init__(self, states: dict[str, BackfillState]) -> None:
        self.states = states
        self._rate_limits: dict[str, _RateLimit] = {}

    def of_task(self, task_id: str) -> list[str]:
        """The names of a task's backfills."""
        return sorted(name for name, state in self.states.items() if state.task_id == task_id)

    def allowed_runs(self, name: str, now_ms: int) -> int:
        """How many runs of it may be emitted now."""
        rate_limit = self._rate_limits.setdefault(name, _RateLimit(1.0, now_ms))
        rate_limit.refill(now_ms, self.states[name].rate)
        return int(rate_limit.tokens)

    def count_run(self, name: str) -> None:
        """Count a run against the rate."""
        self._rate_limits[name].tokens -= 1

    def put(self, name: str, state: BackfillState) -> None:
        """Hold its new state."""
        self.states[name] = state

    def remove(self, name: str) -> None:
        """It has ended."""
        del self.states[name]
        self._rate_limits.pop(name, None)


def advance(state: BackfillState, schedule: Schedule) -> tuple[int, BackfillState]:
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
