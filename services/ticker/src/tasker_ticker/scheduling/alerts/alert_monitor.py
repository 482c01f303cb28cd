"""PURE. The alerts of one partition: what happens to its tasks, as far as somebody is to be told of it.

Nothing is written here at once: `store` writes what a batch has changed, each part of it once.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from tasker_core.alerts.rules import AlertRules, rules_of
from tasker_core.events.task_event import OutcomeEvent
from tasker_core.messages.alerts import AlertedChange
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Outcome, Run, RunError
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import AlertGroup, RunPosition, TaskAlerts
from tasker_core.time.instant import parse_second, rfc3339, rfc3339_second
from tasker_ticker.scheduling.alerts.alert_groups import AlertGroups
from tasker_ticker.scheduling.alerts.task_alerts import (
    FailureTold,
    LatenessTold,
    PunctualityTold,
    RecoveryTold,
    TaskAlertState,
)
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.misfire import MissedRange
from tasker_ticker.scheduling.scheduling_limits import SchedulingLimits

MAX_ERROR_CHARACTERS = 500
LATE_SLACK_SECONDS = 2
"""So long after a deadline it is judged: what was reported before it has been read by then."""


class AlertMonitor:
    """`tasks` are those of the partition; only those that tell somebody have a state here."""

    def __init__(
        self,
        tasks: Mapping[str, HeldTask],
        states: dict[str, TaskAlerts],
        groups: dict[str, AlertGroup],
        limits: SchedulingLimits,
    ) -> None:
        self._tasks, self.groups, self._limits = tasks, AlertGroups(groups, limits), limits
        self._states, self._deadlines = dict[str, TaskAlertState](), Agenda()
        self._changed = set[str]()
        for task_id, stored in states.items():
            task = tasks.get(task_id)
            if task is not None and task.generation == stored.generation and (rules := _rules(task)) is not None:
                self._states[task_id] = state = TaskAlertState.restored(stored)
                self._schedule(task_id, state, rules)

    def first_due(self) -> int:
        """When the next deadline is to be judged, NEVER when there is none."""
        first = self._deadlines.first()
        return NEVER if first == NEVER else first + LATE_SLACK_SECONDS

    def define(self, task: HeldTask, *, changed: bool, told_others: bool = False) -> None:
        """A task was defined, paused or resumed; with `changed` the next failure is told, though others were.

        `told_others`: it has told others, or of something else, until now.
        """
        state = self._states.get(task.id)
        if state is None:
            return
        if (rules := _rules(task)) is None or state.generation != task.generation:
            self.forget(task.id)
            return
        if changed and state.remind():
            self._changed.add(task.id)
        if told_others and state.tell_anew():
            self._changed.add(task.id)
        if state.keep(rules.latenesses, failures=rules.of_failures):
            self._changed.add(task.id)
        self._schedule(task.id, state, rules)

    def forget(self, task_id: str) -> None:
        """A task is deleted, or tells nobody any more."""
        if (state := self._states.pop(task_id, None)) is not None:
            self._deadlines.remove(task_id, state.deadline)
            self._changed.add(task_id)

    def run_emitted(self, task: HeldTask, effective: int, run_id: str) -> None:
        """A run of a task that tells somebody was emitted, to end in time."""
        rules = _rules(task)
        if rules is not None and rules.latenesses:
            state = self._state(task)
            if state.add_run((effective, run_id)):
                self._changed.add(task.id)
                self._schedule(task.id, state, rules)

    def outcome_reported(self, task: HeldTask, end: OutcomeEvent, appended_ms: int, now: int) -> None:
        """A run of a task has ended, as its executor says."""
        self._run_ended(task, (end.effective, end.run_id), end.outcome, end.error, appended_ms, now)

    def run_given_up(self, run: Run, outcome: Outcome, error: RunError, now: int) -> None:
        """The ticker itself has ended a run, whose next attempt will not come."""
        task = self._tasks.get(run.task_id)
        if task is not None and task.generation == run.generation and run.kind != "backfill":
            self._run_ended(task, (parse_second(run.effective_at), run.run_id), outcome, error, now * 1000, now)

    def _run_ended(
        self, task: HeldTask, run: RunPosition, outcome: Outcome, error: RunError | None, ended_ms: int, now: int
    ) -> None:
        if (rules := _rules(task)) is None or not rules.needs_ends:
            return
        if task.id not in self._states and outcome != "failed":
            return
        state = self._state(task)
        for change in state.end_run(run[1], outcome, ended_ms, rules.latenesses):
            self._tell_lateness(task, rules, change, ended_ms, now)
        counted = state.count_end(run, outcome, ended_ms) if rules.of_failures else None
        if isinstance(counted, FailureTold):
            self._tell(
                task, rules, now, change="failed", at=rfc3339(ended_ms), run=run, since=rfc3339_second(counted.since),
                failures=counted.failures, reminder=counted.reminder, error=_cut(error),
            )  # fmt: skip
        elif isinstance(counted, RecoveryTold):
            self._tell(
                task, rules, now, change="recovered", at=rfc3339(ended_ms), run=run, after="failed",
                since=rfc3339_second(counted.since), failures=counted.failures,
            )  # fmt: skip
        if outcome == "failed" or counted is not None or rules.latenesses:
            self._changed.add(task.id)
        self._schedule(task.id, state, rules)

    def judge_deadlines(self, second: int, now: int, batch: TransactionBatch) -> bool:
        """Tell what has become late up to a second; all ends that were reported up to it have been applied.

        Returns whether that was all: what is left is for the next batch.
        """
        while (deadline := self._deadlines.first()) <= second:
            for task_id in self._deadlines.at(deadline):
                if batch.judged >= self._limits.upkeep:
                    return False
                batch.judged += 1
                task, state = self._tasks[task_id], self._states[task_id]
                rules = _rules(task)
                assert rules is not None, "define() forgets the others"
                for change in state.overdue(second, rules.latenesses):
                    at_ms = (change.run[0] + change.seconds) * 1000
                    self._tell_lateness(task, rules, change, at_ms, now)
                self._changed.add(task_id)
                self._schedule(task_id, state, rules)
        return True

    def missed(self, task: HeldTask, missed: MissedRange, after: int, to: int, now: int) -> None:
        """Occurrences in an outage from `after` up to `to` did not run."""
        rules = _rules(task)
        if rules is None or not rules.of_misses:
            return
        state = self._state(task)
        self._changed.add(task.id)
        if state.miss(after, to):
            first, last = rfc3339_second(missed.first), rfc3339_second(missed.last)
            at = rfc3339_second(now)
            self._tell(task, rules, now, change="missed", at=at, reason=missed.reason, first=first, last=last)

    def paused(self, task: HeldTask, end: OutcomeEvent, failures: int, now: int) -> None:
        """Tasker has paused a task, after so many failures in a row."""
        if (rules := _rules(task)) is not None:
            run, error = (end.effective, end.run_id), _cut(end.error)
            at = rfc3339_second(now)
            self._tell(task, rules, now, change="paused", at=at, run=run, failures=failures, error=error)

    def store(self, batch: TransactionBatch) -> None:
        """Write what has changed."""
        for task_id in sorted(self._changed):
            state = self._states.get(task_id)
            batch.add("ticker-state", f"alerts/{task_id}", None if state is None else encode(state.to_state()))
        self._changed.clear()
        for name, group in self.groups.changed():
            batch.add("ticker-state", f"alert-group/{name}", None if group is None else encode(group))

    def _tell_lateness(
        self, task: HeldTask, rules: AlertRules, change: LatenessTold | PunctualityTold, at_ms: int, now: int
    ) -> None:
        late, at = rules.latenesses[change.seconds], rfc3339(at_ms)
        if isinstance(change, LatenessTold):
            self._tell(task, rules, now, change="late", at=at, run=change.run, late=late)
        else:
            since = rfc3339_second(change.since)
            self._tell(
                task, rules, now, change="recovered", at=at, run=change.run, after="late", late=late, since=since
            )

    def _tell(self, task: HeldTask, rules: AlertRules, now: int, run: RunPosition | None = None, **what: Any) -> None:
        told = AlertedChange(
            task_id=task.id,
            task_name=task.task.name,
            generation=task.generation,
            version=task.version,
            run_id=None if run is None else run[1],
            due_at=None if run is None else rfc3339_second(run[0]),
            **what,
        )
        for target in rules.targets(told):
            self.groups.add(target, told, now)

    def _state(self, task: HeldTask) -> TaskAlertState:
        if (state := self._states.get(task.id)) is None:
            state = self._states[task.id] = TaskAlertState(task.generation)
        return state

    def _schedule(self, task_id: str, state: TaskAlertState, rules: AlertRules) -> None:
        """Put the task on the agenda where its next run becomes late."""
        if (deadline := state.next_deadline(rules.latenesses)) != state.deadline:
            self._deadlines.remove(task_id, state.deadline)
            state.deadline = deadline
            self._deadlines.add(task_id, deadline)


def _rules(task: HeldTask) -> AlertRules | None:
    """Who is told of a task, None for nobody."""
    notify = task.task.notify
    return None if notify is UNSET else rules_of(bytes(notify))


def _cut(error: RunError | None) -> RunError | None:
    if error is None or len(error.message) <= MAX_ERROR_CHARACTERS:
        return error
    return RunError(error.kind, f"{error.message[: MAX_ERROR_CHARACTERS - 1]}…")
