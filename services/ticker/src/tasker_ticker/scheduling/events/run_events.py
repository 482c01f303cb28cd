"""PURE. Events about runs: cancel, retry, backfill."""

from msgspec.structs import replace

from tasker_core.errors import FieldError, TaskerError
from tasker_core.events.task_event import BackfillEvent, RetryEvent
from tasker_core.messages import EndReason, VerdictWord
from tasker_core.ticker_state import BackfillState, PendingAttempt, RunMemory
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.records import Emission
from tasker_ticker.scheduling.state import State


class Refused(TaskerError):
    """The event can't be carried out, and why."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(pointer=pointer, message=message)


def cancel(state: State, task_id: str, run_id: str | None, at: int, emission: Emission) -> None:
    """Cancel one run, or all unfinished ones of a task: what is pending ends here, executors are told of the rest.

    The task may be gone, or unknown: runs that are out go on without it, and who has none of it cancels none. What an
    executor has told to have failed before it is told of the cancel, and so asks to try again, is refused (`retry`).
    """
    for pending_id, pending in state.runs.pending_of(task_id):
        if run_id in (None, pending_id):
            state.end_attempt(pending_id, pending, "cancelled", emission)
    if run_id is not None:
        known = state.runs.get(run_id) or RunMemory(task_id=task_id, changed_at=at)
        state.remember_run(run_id, replace(known, cancelled=True, changed_at=at), emission)
    elif (task := state.tasks.get(task_id)) is not None:
        task.cancelled_ms = _emitted_up_to(state, emission)
    emission.cancel(task_id, run_id)


def _emitted_up_to(state: State, emission: Emission) -> int:
    """Up to which millisecond runs that are out may say to be emitted, by a clock that was set back meanwhile too."""
    decided_ms = state.position.second * 1000
    return emission.built_ms if emission.built_ms >= decided_ms else decided_ms + 999


def retry(state: State, event: RetryEvent, at: int, emission: Emission, *, malformed: bool = False) -> VerdictWord:
    """Take an executor's next attempt of a run; one that is refused for anything but repetition ends its run here."""
    run, pending = event.run, PendingAttempt(run=event.run, attempt=event.attempt, at=max(event.retry_at, at))
    known = state.runs.get(run.run_id) or RunMemory(task_id=run.task_id, attempt=run.attempt, changed_at=at)
    if event.attempt <= known.attempt or (known.pending and event.attempt <= known.pending.attempt):
        return "superseded"
    if reason := "refused" if malformed else _why_not(state, known, event):
        emission.ended(pending, reason)
        ended = replace(known, attempt=event.attempt, pending=None, changed_at=at)
        state.remember_run(run.run_id, ended, emission)
        return "rejected"
    state.remember_run(run.run_id, replace(known, pending=pending, changed_at=at), emission)
    return "accepted"


def _why_not(state: State, known: RunMemory, event: RetryEvent) -> EndReason | None:
    """Why a run gets no further attempt."""
    task = state.tasks.get(event.run.task_id)
    if known.cancelled:
        return "cancelled"
    if task is None or task.generation != event.run.generation:
        return "deleted"
    return "cancelled" if task.cancelled_ms is not None and event.emitted_ms <= task.cancelled_ms else None


def add_backfill(state: State, task: Held, asked: BackfillEvent, name: str, at: int, emission: Emission) -> None:
    """Begin to run past nominal times. Raises Refused for what is not past."""
    if asked.end is not None and asked.end > at + 1:
        raise Refused("/end", "lies in the future; what is to come is the schedule's")
    if asked.times and asked.times[-1] > at:
        raise Refused(f"/times/{len(asked.times) - 1}", "lies in the future; what is to come is the schedule's")
    begun = BackfillState(
        task_id=task.id,
        generation=task.generation,
        rate=asked.rate,
        cursor=None if asked.start is None else asked.start - 1,
        end=asked.end,
        times=asked.times,
    )
    state.backfills.keep(name, begun)
    emission.remember_backfill(name, begun)
