"""PURE. The records a turn writes, built from what is held."""

from typing import Literal

from msgspec import Raw
from msgspec.structs import replace

from tasker_core.ids import Kind, run_id
from tasker_core.messages import (
    BackfillEnded,
    Cancel,
    Ended,
    EndReason,
    Finished,
    Missed,
    Removed,
    Run,
    Verdict,
    encode,
)
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import BackfillState, PendingAttempt, RunMemory, TaskTombstone
from tasker_core.time.instant import rfc3339, rfc3339_second
from tasker_ticker.scheduling.batch import Lane, Turn
from tasker_ticker.scheduling.memory.held_task import UNKNOWN, Held
from tasker_ticker.scheduling.misfire import Span


def instant(second: int) -> str | None:
    """The wire form of an epoch second, None for NEVER and UNKNOWN."""
    return rfc3339_second(second) if UNKNOWN < second < NEVER else None


class Emission:
    """Adds typed records to a turn. `now_ms` is the time of the turn, `built_ms` when it is built (`emitted_at`)."""

    def __init__(self, turn: Turn, now_ms: int, built_ms: int) -> None:
        self.turn, self.now, self.built_ms = turn, now_ms // 1000, built_ms
        self._emitted_at = rfc3339(built_ms)

    def run(
        self,
        task: Held,
        at: Occurrence,
        *,
        kind: Kind = "scheduled",
        event_id: str = "",
        payload: Raw | None = None,
        lane: Lane = "due-tasks",
    ) -> str:
        """One run to do now; returns its id. `payload` is JSON instead of the task's own."""
        held = task.task
        nominal = rfc3339_second(at.nominal)
        identity = self.run_id_of(task, at.nominal, kind, event_id)
        record = Run(
            run_id=identity,
            task_id=held.id,
            task_name=held.name,
            generation=task.generation,
            version=task.version,
            kind=kind,
            nominal_at=nominal,
            effective_at=nominal if at.effective == at.nominal else rfc3339_second(at.effective),
            emitted_at=self._emitted_after(task.cancelled_ms),
            next_at=instant(task.next_nominal),
            handler=held.handler,
            payload=held.payload if payload is None else payload,
            policy=task.policy,
        )
        self.turn.add(lane, held.id, encode(record))
        self.turn.runs += 1
        if task.row is not None and kind != "backfill":
            task.row.emitted((at.effective, identity))
        return identity

    @staticmethod
    def run_id_of(task: Held, nominal: int, kind: Kind, event_id: str = "") -> str:
        """The id of a run of a task."""
        return run_id(task.id, task.generation, kind, nominal, event_id)

    def again(self, pending: PendingAttempt, task: Held | None) -> None:
        """The next attempt of a run of a task."""
        emitted_at = self._emitted_after(None if task is None else task.cancelled_ms)
        record = replace(pending.run, attempt=pending.attempt, emitted_at=emitted_at)
        self.turn.add("due-background", record.task_id, encode(record))
        self.turn.runs += 1

    def _emitted_after(self, cancelled_ms: int | None) -> str:
        """The time of emission; after a cancel of all runs it is later, though it be by a millisecond."""
        if cancelled_ms is None or cancelled_ms < self.built_ms:
            return self._emitted_at
        return rfc3339(cancelled_ms + 1)

    def cancel(self, task_id: str, run_id: str | None) -> None:
        """Tell executors, in both lanes, to cancel one run or all of a task."""
        record = encode(Cancel(task_id=task_id, run_id=run_id))
        self.turn.add("due-tasks", task_id, record)
        self.turn.add("due-background", task_id, record)

    def ended(self, pending: PendingAttempt, reason: EndReason) -> None:
        """The final word on a run whose next attempt will not come."""
        run = pending.run
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
            outcome="cancelled" if reason in ("cancelled", "deleted") else "failed",
            reason=reason,
            ended_at=rfc3339_second(self.now),
        )
        self.turn.add("verdicts", run.task_id, encode(record))

    def backfill_ended(self, event_id: str, state: BackfillState, reason: Literal["done", "deleted"]) -> None:
        """The final word on a backfill."""
        record = BackfillEnded(
            event_id=event_id, task_id=state.task_id, generation=state.generation, reason=reason, runs=state.runs
        )
        self.turn.add("verdicts", state.task_id, encode(record))

    def missed(self, task: Held, span: Span) -> None:
        """Occurrences that do not run, and why."""
        record = Missed(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason=span.reason,
            from_=rfc3339_second(span.first),
            to=rfc3339_second(span.last),
            next_at=instant(task.next_nominal),
        )
        self.turn.add("verdicts", task.id, encode(record))
        self.turn.missed[span.reason] = self.turn.missed.get(span.reason, 0) + 1

    def finished(self, task: Held, reason: Literal["once", "end", "max_runs"], last_nominal: int) -> None:
        """A task that has no occurrence left."""
        record = Finished(
            task_id=task.id,
            generation=task.generation,
            version=task.version,
            reason=reason,
            last_nominal=rfc3339_second(last_nominal),
        )
        self.turn.add("verdicts", task.id, encode(record))

    def removed(self, task: Held) -> None:
        """A finished task whose retention is over."""
        record = Removed(task_id=task.id, generation=task.generation, version=task.version)
        self.turn.add("verdicts", task.id, encode(record))

    def verdict(self, verdict: Verdict) -> None:
        """The answer to an event."""
        self.turn.add("verdicts", verdict.task_id, encode(verdict))
        self.turn.verdicts[verdict.verdict] = self.turn.verdicts.get(verdict.verdict, 0) + 1

    def remember(self, task: Held) -> None:
        """Keep a task in the ticker's memory."""
        self.turn.add("ticker-state", f"task/{task.id}", task.state())

    def remember_gone(self, task_id: str, gone: TaskTombstone) -> None:
        """Keep in the ticker's memory that a task is deleted."""
        self.turn.add("ticker-state", f"task/{task_id}", encode(gone))

    def remember_run(self, run_id: str, memory: RunMemory | None) -> None:
        """Keep a run in the ticker's memory, or drop it."""
        self.turn.add("ticker-state", f"run/{run_id}", None if memory is None else encode(memory))

    def remember_backfill(self, name: str, state: BackfillState | None) -> None:
        """Keep a backfill in the ticker's memory, or drop it."""
        self.turn.add("ticker-state", f"backfill/{name}", None if state is None else encode(state))

    def forget(self, task_id: str) -> None:
        """Drop a task from the ticker's memory."""
        self.turn.add("ticker-state", f"task/{task_id}", None)
