"""PURE. The background lane: retries, then what is late, then backfills, in a budget that leaves the live lane be."""

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.memory.backfills import advanced, event_of
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, MAX_RUNS_A_VISIT, Gap, fates
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.state import State

MAX_VISITS = 2_000
"""Of tasks in a turn: a visit that runs nothing costs some 10 µs."""
MAX_RUNS_A_TURN = 200


class Background:
    """Works for one partition. `rate`: runs a second, all three kinds together."""

    def __init__(self, state: State, rate: int) -> None:
        self._state, self._rate = state, rate
        self._second: int = 0
        self.left = rate
        self._unvisited: list[str] | None = None

    def wants(self, now: int) -> bool:
        """Whether there is something to do."""
        state = self._state
        return bool(state.position.gaps or state.backfills.states) or state.runs.first_due() <= now

    def work(self, emission: Emission, now_ms: int) -> None:
        """Do what a turn and the budget of the second allow."""
        now = now_ms // 1000
        if now != self._second:
            self._second, self.left = now, self._rate
        before = emission.turn.runs
        most = before + min(self.left, MAX_RUNS_A_TURN)
        self._retry(emission, now, most)
        self._catch_up(emission, most)
        self._backfill(emission, now_ms, most)
        self.left -= emission.turn.runs - before

    def _retry(self, emission: Emission, now: int, most: int) -> None:
        state, turn = self._state, emission.turn
        for run_id, pending in state.runs.due(now):
            if turn.runs >= most or turn.full:
                return
            emission.again(pending, state.tasks.get(pending.run.task_id))
            state.attempt_emitted(run_id, pending.attempt, emission)

    def _catch_up(self, emission: Emission, most: int) -> None:
        """Visit tasks of the oldest gap, in id order."""
        state, turn, visits = self._state, emission.turn, 0
        gaps = state.position.gaps
        while gaps and visits < MAX_VISITS and turn.runs < most and not turn.full:
            gap = gaps[0]
            if self._unvisited is None:
                self._unvisited = sorted((name for name in state.tasks if name > gap.after_task), reverse=True)
            if not self._unvisited:
                del gaps[0]
                self._unvisited = None
                continue
            task = state.tasks.get(self._unvisited[-1])
            visits += 1
            if task is not None and not self._visit(task, gap, emission, most - turn.runs):
                continue  # it has more to run: visited again
            gap.after_task = self._unvisited.pop()
            if task is not None:
                state.finish_if_over(task, emission)

    def _visit(self, task: Held, gap: Gap, emission: Emission, room: int) -> bool:
        """Decide a part of what lies open of a task in a gap, `room` runs of it at most; whether that was all of it."""
        if gap not in self._state.open_gaps(task):
            return True
        recovered, most = gap.to + LIVE_SECONDS, min(room, MAX_RUNS_A_VISIT)
        found = fates(task.standing, gap.after, gap.to, task.task.misfire_options, recovered=recovered, most=most)
        for missed in found.missed:
            emission.missed(task, missed)
        for at in found.run[: task.runs_left()]:
            self._state.fire(task, at, "due-background", emission)
        if found.to == gap.to:
            return True
        task.decide_to(found.to)
        emission.remember(task)
        return False

    def _backfill(self, emission: Emission, now_ms: int, most: int) -> None:
        state, turn = self._state, emission.turn
        for name in list(state.backfills.states):
            asked, allowed = state.backfills.states[name], state.backfills.allowed(name, now_ms)
            task, after = state.tasks.get(asked.task_id), asked
            if task is None or task.generation != asked.generation:
                state.end_backfill(name, "deleted", emission)
                continue
            nominal = 0
            while nominal != NEVER and allowed > 0 and turn.runs < most and not turn.full:
                nominal, after = advanced(after, task.schedule)
                allowed -= 1
                if -NEVER < nominal < NEVER:
                    at = Occurrence(nominal, nominal)
                    emission.run(task, at, kind="backfill", event_id=event_of(name), lane="due-background")
                    state.backfills.emitted(name)
            state.backfills.keep(name, after)
            if nominal == NEVER:
                state.end_backfill(name, "done", emission)
            elif after is not asked:
                emission.remember_backfill(name, after)
