"""Mutations of alerts: what is told, when, and what of it is remembered."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from msgspec.structs import replace

from tasker_core.messages.runs import Outcome
from tasker_core.ticker_state import AlertGroup, RunPosition, TaskAlerts
from tasker_ticker.scheduling.alerts.alert_groups import AlertGroups
from tasker_ticker.scheduling.alerts.alert_monitor import AlertMonitor
from tasker_ticker.scheduling.alerts.task_alerts import TaskAlertState
from tasker_ticker.scheduling.batch import TransactionBatch


@contextmanager
def every_failure_told() -> Generator[None]:
    """Not only the first failure is told."""
    count = TaskAlertState.count_end

    def tell(self: TaskAlertState, run: RunPosition, outcome: Outcome, ended_ms: int) -> Any:
        self.remind()
        return count(self, run, outcome, ended_ms)

    with mock.patch.object(TaskAlertState, "count_end", tell):
        yield


@contextmanager
def repeated_failure_told() -> Generator[None]:
    """A failure that is reported again after a recovery is another one."""
    count = TaskAlertState.count_end

    def forgetful(self: TaskAlertState, run: RunPosition, outcome: Outcome, ended_ms: int) -> Any:
        self.failed = ()
        return count(self, run, outcome, ended_ms)

    with mock.patch.object(TaskAlertState, "count_end", forgetful):
        yield


@contextmanager
def recovered_by_any_success() -> Generator[None]:
    """Also a run that was due before the one that failed ends the failure."""
    count = TaskAlertState.count_end

    def hasty(self: TaskAlertState, run: RunPosition, outcome: Outcome, ended_ms: int) -> Any:
        if self.failing is not None and outcome == "succeeded":
            self.failing = replace(self.failing, last=(0, ""))
        return count(self, run, outcome, ended_ms)

    with mock.patch.object(TaskAlertState, "count_end", hasty):
        yield


def states_not_remembered() -> Any:
    """A restart knows neither what has failed nor what is unfinished."""

    def forgetful(self: TaskAlertState) -> TaskAlerts:
        return TaskAlerts(generation=self.generation)

    return mock.patch.object(TaskAlertState, "to_state", forgetful)


def groups_not_remembered() -> Any:
    """A restart does not know what is to be told."""

    def nothing(_: AlertGroups) -> Iterator[tuple[str, AlertGroup | None]]:
        yield from ()

    return mock.patch.object(AlertGroups, "changed", nothing)


@contextmanager
def sent_again_after_a_restart() -> Generator[None]:
    """What is sent stays in its group as far as a restart knows."""
    changed = AlertGroups.changed

    def only_full(self: AlertGroups) -> Iterator[tuple[str, AlertGroup | None]]:
        for name, group in changed(self):
            if group is not None and group.changes:
                yield name, group

    with mock.patch.object(AlertGroups, "changed", only_full):
        yield


@contextmanager
def late_before_its_time() -> Generator[None]:
    """A deadline is judged before what was reported up to it is read."""
    judge = AlertMonitor.judge_deadlines

    def hasty(self: AlertMonitor, second: int, now: int, batch: TransactionBatch) -> bool:
        return judge(self, second + 4, now, batch)

    with mock.patch.object(AlertMonitor, "judge_deadlines", hasty):
        yield


def hanging_runs_not_told() -> Any:
    """Lateness is found only when a run ends."""

    def nothing(self: AlertMonitor, second: int, now: int, batch: TransactionBatch) -> bool:
        del self, second, now, batch
        return True

    return mock.patch.object(AlertMonitor, "judge_deadlines", nothing)


@contextmanager
def late_run_told_again() -> Generator[None]:
    """A run that hangs is late again after another one was in time."""
    overdue = TaskAlertState.overdue

    def again(self: TaskAlertState, second: int, latenesses: Any) -> Any:
        unfinished = dict(self.unfinished)
        found = list(overdue(self, second, latenesses))
        longest = max(latenesses, default=0)
        for run_id, watched in unfinished.items():
            if run_id not in self.unfinished and second - watched.effective < longest + 20:
                self.unfinished[run_id] = type(watched)(second + 3 - longest, run_id)
        return iter(found)

    with mock.patch.object(TaskAlertState, "overdue", again):
        yield
