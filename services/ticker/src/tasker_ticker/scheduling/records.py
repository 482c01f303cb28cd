"""PURE. The records of a batch, made from what is held."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Raw
from msgspec.structs import replace

from tasker_core.events.chain_event import ChainEvent
from tasker_core.ids import Kind, is_task_id, run_id
from tasker_core.messages.announcements import TaskSuccessors
from tasker_core.messages.base import encode
from tasker_core.messages.runs import Cancel, Outcome, ReportedEnd, Run
from tasker_core.messages.verdicts import (
    BackfillEnded,
    Ended,
    EndReason,
    Finished,
    Missed,
    Removed,
    Rescheduled,
    Verdict,
)
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import (
    BackfillState,
    CalendarState,
    CalendarVersion,
    CallbackReport,
    PendingAttempt,
    RunMemory,
    TaskTombstone,
)
from tasker_core.time.instant import rfc3339, rfc3339_second
from tasker_ticker.scheduling.batch import Lane, TransactionBatch
from tasker_ticker.scheduling.memory.calendar_memory import told_to_all
from tasker_ticker.scheduling.memory.held_task import SEARCH_AGAIN, HeldTask
from tasker_ticker.scheduling.misfire import MissedRange


def instant_or_none(second: int) -> str | None:
    """The wire form of an epoch second, None for NEVER and SEARCH_AGAIN."""
    return rfc3339_second(second) if SEARCH_AGAIN < second < NEVER else None


def chained_run_id(task: HeldTask, event_id: str, event: ChainEvent) -> str:
    """The id of the run that the end of another one starts: always the same, whenever the event is applied."""
    return run_id(task.id, task.generation, "chained", event.nominal, event_id)


def _outcome(reason: EndReason) -> Outcome:
    return "cancelled" if reason in ("cancelled", "deleted") else "failed"


class BatchRecords:
    """Adds typed records to a batch. `now_ms`: the time of the batch; `built_ms`: when it is built (`emitted_at`)."""

    def __init__(self, batch: TransactionBatch, now_ms: int, built_ms: int) -> None:
        self.batch, self.now, self.built_ms = batch, now_ms // 1000, built_ms
        self._emitted_at = rfc3339(built_ms)

    def add_run(
        self,
        task: HeldTask,
        at: Occurrence,
        *,
        kind: Kind = "scheduled",
        event_id: str = "",
        payload: Raw | None = None,
        lane: Lane = "due-tasks",
        traceparent: str | None = None,
        started_by: ChainEvent | None = None,
    ) -> str:
        """One run to execute now; returns its id. `payload` is JSON instead of the task's own."""
        definition = task.task
        nominal = rfc3339_second(at.nominal)
        if started_by is None:
            identity = run_id(definition.id, task.generation, kind, at.nominal, event_id)
        else:
            identity = chained_run_id(task, event_id, started_by)
        record = Run(
            run_id=identity,
            task_id=definition.id,
            task_name=definition.name,
            generation=task.generation,
            version=task.version,
            kind=kind,
            nominal_at=nominal,
            effective_at=nominal if at.effective == at.nominal else rfc3339_second(at.effective),
            emitted_at=self._emitted_after(task.cancelled_ms),
            next_at=instant_or_none(task.next_nominal),
            handler=definition.handler,
            payload=definition.payload if payload is None else payload,
            policy=task.policy,
            traceparent=traceparent,
        )
        if started_by is not None:
            record = replace(record, after=started_by.after, chain=started_by.chain)
        self.batch.add(lane, definition.id, encode(record))
        self.batch.runs += 1
        if task.failures is not None and kind != "backfill":
            task.failures.add_run((at.effective, identity))
        return identity

    def add_retry(self, pending: PendingAttempt, task: HeldTask | None) -> None:
        """The next attempt of a run of a task."""
        emitted_at = self._emitted_after(None if task is None else task.cancelled_ms)
        record = replace(pending.run, attempt=pending.attempt, emitted_at=emitted_at)
        self.batch.add("due-background", record.task_id, encode(record))
        self.batch.runs += 1

    def add_reported_end(self, pending: PendingAttempt, report: CallbackReport) -> None:
        """The end of an attempt that waited for its callback, in the lane of the attempt."""
        assert pending.wait is not None
        record = ReportedEnd(
            task_id=pending.run.task_id,
            run=pending.run,
            outcome=report.outcome,
            received_at=pending.wait.received_at,
            started_at=pending.wait.started_at,
            reported_at=report.reported_at,
            result=report.result,
            error=report.error,
        )
        lane: Lane = "due-tasks" if pending.wait.lane == "live" else "due-background"
        self.batch.add(lane, pending.run.task_id, encode(record))
        self.batch.runs += 1

    def _emitted_after(self, cancelled_ms: int | None) -> str:
        """The time of emission; after a cancel of all runs it is later, if only by a millisecond."""
        if cancelled_ms is None or cancelled_ms < self.built_ms:
            return self._emitted_at
        return rfc3339(cancelled_ms + 1)

    def add_cancel(self, task_id: str, run_id: str | None) -> None:
        """Let executors, in both lanes, cancel one run or all of a task."""
        record = encode(Cancel(task_id=task_id, run_id=run_id))
        self.batch.add("due-tasks", task_id, record)
        self.batch.add("due-background", task_id, record)

    def add_run_ended(self, pending: PendingAttempt, reason: EndReason) -> Outcome:
        """The end of a run whose next attempt will not come, and how it is counted."""
        run, outcome = pending.run, _outcome(reason)
        record = Ended(
            run_id=run.run_id,
            task_id=run.task_id,
            task_name=run.task_name,
            generation=run.generation,
            version=run.version,
            kind=run.kind,
            nominal_at=run.nominal_at,
            effective_at=run.effective_at,
            attempt=pending.attempt,
            handler=run.handler,
            outcome=outcome,
            reason=reason,
            ended_at=rfc3339_second(self.now),
            started_at=None if pending.wait is None else pending.wait.started_at,
        )
        self.batch.add("verdicts", run.task_id, encode(record))
        return outcome

    def add_alert(self, run: Run) -> None:
        """A run that tells somebody of tasks."""
        self.batch.add("due-background", run.task_id, encode(run))
        self.batch.runs += 1

    def add_backfill_ended(self, event_id: str, state: BackfillState, reason: Literal["done", "deleted"]) -> None:
        """The end of a backfill."""
        record = BackfillEnded(
            event_id=event_id, task_id=state.task_id, generation=state.generation, reason=reason, runs=state.runs
        )
        self.batch.add("verdicts", state.task_id, encode(record))

    def add_missed(self, task: HeldTask, missed: MissedRange) -> None:
        """Occurrences that do not run, and why."""
        record = Missed(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason=missed.reason,
            from_=rfc3339_second(missed.first),
            to=rfc3339_second(missed.last),
            next_at=instant_or_none(task.next_nominal),
        )
        self.batch.add("verdicts", task.id, encode(record))
        self.batch.missed[missed.reason] = self.batch.missed.get(missed.reason, 0) + 1

    def add_rescheduled(self, task: HeldTask, calendar: str, version: int) -> None:
        """A task that is under another version of a calendar from now on."""
        since = rfc3339_second(task.since)
        record = Rescheduled(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            calendar=calendar,
            calendar_version=version,
            effective_from=since,
            since=since,
            after_nominal=instant_or_none(task.after_nominal) if task.after_nominal > -NEVER else None,
            next_at=instant_or_none(task.next_nominal),
            calendars=dict(task.shared_schedule.versions),
            task=Raw(task.to_json()),
        )
        self.batch.add("verdicts", task.id, encode(record))

    def add_finished(self, task: HeldTask, reason: Literal["once", "end", "max_runs"], last_nominal: int) -> None:
        """A task that has no occurrence left."""
        record = Finished(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason=reason,
            last_nominal=rfc3339_second(last_nominal),
        )
        self.batch.add("verdicts", task.id, encode(record))

    def add_removed(self, task: HeldTask, at: int) -> None:
        """A finished task whose retention was over at a second."""
        record = Removed(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            removed_at=rfc3339_second(at),
        )
        self.batch.add("verdicts", task.id, encode(record))

    def add_verdict(self, verdict: Verdict) -> None:
        """The answer to an event; without a key where that names no task."""
        key = verdict.task_id if is_task_id(verdict.task_id) else None
        self.batch.add("verdicts", key, encode(verdict))
        self.batch.verdicts[verdict.verdict] = self.batch.verdicts.get(verdict.verdict, 0) + 1

    def store_task(self, task: HeldTask) -> None:
        """Keep a task in the ticker's state."""
        self.batch.add("ticker-state", f"task/{task.id}", task.to_state())

    def store_successors(self, task_id: str, successors: Sequence[str]) -> None:
        """Write for the owners of all partitions which tasks a task starts."""
        value = encode(TaskSuccessors(task_id=task_id, successors=tuple(successors))) if successors else None
        self.batch.add("chains", task_id, value)

    def store_calendar(self, name: str, calendar: CalendarState) -> None:
        """Keep a calendar in the ticker's state, and write it for the owners of all partitions."""
        self.batch.add("ticker-state", f"calendar/{name}", encode(calendar))
        self.batch.add("calendars", name, None if calendar.deleted else encode(told_to_all(name, calendar)))

    def store_calendar_version(self, name: str, version: int, entries: tuple[str, ...]) -> None:
        """Keep the days of a version of a calendar that a task is under."""
        self.batch.add("ticker-state", f"calendar-version/{name}/{version}", encode(CalendarVersion(days=entries)))

    def delete_calendar_version(self, name: str, version: int) -> None:
        """Delete a version of a calendar that no task is under any more."""
        self.batch.add("ticker-state", f"calendar-version/{name}/{version}", None)

    def store_tombstone(self, task_id: str, tombstone: TaskTombstone) -> None:
        """Keep in the ticker's state that a task is deleted."""
        self.batch.add("ticker-state", f"task/{task_id}", encode(tombstone))

    def delete_task(self, task_id: str) -> None:
        """Delete a task, or its tombstone, from the ticker's state."""
        self.batch.add("ticker-state", f"task/{task_id}", None)

    def store_run(self, run_id: str, memory: RunMemory) -> None:
        """Keep a run in the ticker's state."""
        self.batch.add("ticker-state", f"run/{run_id}", encode(memory))

    def delete_run(self, run_id: str) -> None:
        """Delete a run from the ticker's state."""
        self.batch.add("ticker-state", f"run/{run_id}", None)

    def store_backfill(self, name: str, state: BackfillState) -> None:
        """Keep a backfill in the ticker's state."""
        self.batch.add("ticker-state", f"backfill/{name}", encode(state))

    def delete_backfill(self, name: str) -> None:
        """Delete a backfill from the ticker's state."""
        self.batch.add("ticker-state", f"backfill/{name}", None)
