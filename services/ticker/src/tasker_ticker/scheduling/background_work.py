"""PURE. The background lane: retries, alerts, what is late, then backfills, within a budget beside the live lane."""

from typing import Final

from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.alerts.alert_runs import AlertRuns
from tasker_ticker.scheduling.events.callback_waits import overdue_report
from tasker_ticker.scheduling.memory.backfills import advance, event_id_of
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.watermark import CatchUpGap
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, decide_misfires
from tasker_ticker.scheduling.records import BatchRecords
from tasker_ticker.scheduling.state import PartitionState

SEARCHES_AT_LEAST: Final = 3
"""So many steps of backfills a batch takes, however long it has taken already: one is 10 µs to 30 ms of work."""


class BackgroundLane:
    """That of one partition. `rate`: runs a second, all kinds together; `alert_runs` makes those that tell somebody."""

    def __init__(self, state: PartitionState, rate: int, alert_runs: AlertRuns) -> None:
        self._state, self._rate, self._limits, self._alert_runs = state, rate, state.limits, alert_runs
        self._second: int = 0
        self.budget_left = rate
        self._unvisited: list[str] | None = None

    def has_work(self, now: int) -> bool:
        """Whether there is something to do."""
        state = self._state
        due = min(state.runs.first_due(), state.alerts.groups.first_due())
        return bool(state.position.gaps or state.backfills.states) or due <= now

    def emit(self, records: BatchRecords, now_ms: int) -> None:
        """Emit what the batch and the budget of the second allow."""
        now = now_ms // 1000
        if now != self._second:
            self._second, self.budget_left = now, self._rate
        before = records.batch.runs
        max_runs = before + min(self.budget_left, self._limits.background_runs)
        self._emit_retries(records, now, max_runs)
        self._emit_alerts(records, now, max_runs)
        self._visit_gaps(records, max_runs)
        self._emit_backfills(records, now_ms, max_runs)
        self.budget_left -= records.batch.runs - before

    def _emit_retries(self, records: BatchRecords, now: int, max_runs: int) -> None:
        state, batch = self._state, records.batch
        for run_id, pending in state.runs.due_attempts(now):
            if batch.runs >= max_runs or batch.is_full:
                return
            if pending.wait is not None:
                state.end_wait(run_id, pending, overdue_report(pending), records)
                continue
            records.add_retry(pending, state.tasks.get(pending.run.task_id))
            state.attempt_emitted(run_id, pending.attempt, records)

    def _emit_alerts(self, records: BatchRecords, now: int, max_runs: int) -> None:
        state, batch = self._state, records.batch
        while batch.runs < max_runs and not batch.is_full and (group := state.alerts.groups.take(now)) is not None:
            records.add_alert(self._alert_runs.run_of(group, records.built_ms, state.position.turn))

    def _visit_gaps(self, records: BatchRecords, max_runs: int) -> None:
        """Visit tasks of the oldest gap, in id order: one at least."""
        state, batch, visits = self._state, records.batch, 0
        gaps = state.position.gaps
        while gaps and visits < self._limits.visits and batch.runs < max_runs and not batch.is_full:
            if visits and batch.is_spent():
                return
            gap = gaps[0]
            if self._unvisited is None:
                self._unvisited = sorted((name for name in state.tasks if name > gap.after_task), reverse=True)
            if not self._unvisited:
                del gaps[0]
                self._unvisited = None
                continue
            task = state.tasks.get(self._unvisited[-1])
            visits += 1
            if task is not None and not self._visit(task, gap, records, max_runs - batch.runs):
                continue  # it has more to run: visited again
            gap.after_task = self._unvisited.pop()
            if task is not None:
                state.finish_if_over(task, records)

    def _visit(self, task: HeldTask, gap: CatchUpGap, records: BatchRecords, max_runs: int) -> bool:
        """Decide a part of what is open of a task in a gap, at most `max_runs` runs; returns whether that was all."""
        if gap not in self._state.open_gaps(task):
            return True
        decision = decide_misfires(
            task.effective_schedule,
            gap.after,
            gap.to,
            task.task.misfire_options,
            recovered=gap.to + LIVE_SECONDS,
            max_runs=min(max_runs, self._limits.runs_per_visit),
        )
        for missed in decision.missed:
            self._state.miss(task, missed, gap.after, gap.to, records)
        for at in decision.run[: task.runs_left()]:
            self._state.emit_run(task, at, "due-background", records)
        if decision.to == gap.to:
            return True
        task.decide_to(decision.to)
        records.store_task(task)
        return False

    def _emit_backfills(self, records: BatchRecords, now_ms: int, max_runs: int) -> None:
        state, batch, searches = self._state, records.batch, 0
        for name in list(state.backfills.states):
            if searches >= SEARCHES_AT_LEAST and batch.is_spent():
                return
            before, allowed = state.backfills.states[name], state.backfills.allowed_runs(name, now_ms)
            task, after = state.tasks.get(before.task_id), before
            if task is None or task.generation != before.generation:
                state.end_backfill(name, "deleted", records)
                continue
            nominal = 0
            while nominal != NEVER and allowed > 0 and batch.runs < max_runs and not batch.is_full:
                if searches >= SEARCHES_AT_LEAST and batch.is_spent():
                    break
                searches += 1
                nominal, after = advance(after, task.schedule)
                if nominal == -NEVER:
                    break  # a search is not cheap: it goes on in the next batch
                allowed -= 1
                if nominal < NEVER:
                    at = Occurrence(nominal, nominal)
                    event_id, trace = event_id_of(name), before.traceparent
                    records.add_run(
                        task, at, kind="backfill", event_id=event_id, lane="due-background", traceparent=trace
                    )
                    state.backfills.count_run(name)
            state.backfills.put(name, after)
            if nominal == NEVER:
                state.end_backfill(name, "done", records)
            elif after is not before:
                records.store_backfill(name, after)
