"""PURE. What one partition holds: its position, tasks, runs in hand and backfills."""

from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec.structs import replace

from tasker_core.memory import BackfillState, PendingAttempt, RunMemory, TaskState, decode_state
from tasker_core.messages import EndReason, MissedReason
from tasker_core.occurrences import Found
from tasker_core.schedule import NEVER, Once
from tasker_core.standing import Standing
from tasker_ticker.agenda import Agenda
from tasker_ticker.backfills import Backfills
from tasker_ticker.catch_up import Gap, newest, span
from tasker_ticker.emission import Emission
from tasker_ticker.in_hand import RunsInHand
from tasker_ticker.position import Position
from tasker_ticker.records import Groups, Held, restored
from tasker_ticker.turn import Lane

FINISHED_SECONDS = 7 * 24 * 3600


@dataclass(slots=True)
class Memory:
    """What was read from `ticker-state`."""

    tasks: dict[str, Held] = field(default_factory=dict[str, Held])
    runs: dict[str, RunMemory] = field(default_factory=dict[str, RunMemory])
    backfills: dict[str, BackfillState] = field(default_factory=dict[str, BackfillState])
    groups: Groups = field(default_factory=Groups)

    def recall(self, key: bytes, value: bytes | None) -> None:
        """Take one record of `ticker-state` into account, in the order of the log. Raises msgspec.MsgspecError."""
        kind, _, name = key.decode().partition("/")
        if value is None:
            gone: dict[str, Any] = {"task": self.tasks, "run": self.runs, "backfill": self.backfills}.get(kind, {})
            gone.pop(name, None)
            return
        state = decode_state(value)
        if isinstance(state, TaskState):
            task = restored(state, self.groups)
            self.tasks[task.id] = task
        elif isinstance(state, RunMemory):
            self.runs[name] = state
        else:
            self.backfills[name] = state


class State:
    """One partition. After a failed transaction it is thrown away, never used again."""

    def __init__(self, position: Position, memory: Memory) -> None:
        self.position, self.groups = position, memory.groups
        self.tasks: dict[str, Held] = memory.tasks
        self.runs, self.backfills = RunsInHand(memory.runs), Backfills(memory.backfills)
        self.agenda, self.removals = Agenda(), Agenda()
        for task in self.tasks.values():
            self.keep(task)

    def keep(self, task: Held) -> None:
        """Hold a task and put its next occurrence after the watermark on the agenda."""
        self.tasks[task.id] = task
        decided = self.position.second
        if self.position.burst_after is not None and task.id <= self.position.burst_after:
            decided += 1
        task.look_ahead(decided)
        self.agenda.put(task.id, task.next_due)
        removal = NEVER if task.finished_at is None else task.finished_at + FINISHED_SECONDS
        self.removals.put(task.id, removal)

    def drop(self, task: Held, emission: Emission) -> None:
        """Forget a task, its attempts to come and its backfills."""
        del self.tasks[task.id]
        self.agenda.remove(task.id)
        self.removals.remove(task.id)
        for run_id, pending in self.runs.pending_of(task.id):
            self.end_attempt(run_id, pending, "deleted", emission)
        for event_id in self.backfills.of_task(task.id):
            self.end_backfill(event_id, "deleted", emission)
        emission.forget(task.id)

    def fire(self, task: Held, at: Found, lane: Lane, emission: Emission) -> None:
        """Emit a scheduled run, counted where its task counts them."""
        counted = task.count_run()
        if counted and not task.runs_left():
            task.next_due = task.next_nominal = NEVER
            self.agenda.remove(task.id)
        emission.run(task, at, lane=lane)
        if counted:
            emission.remember(task)

    def open_gaps(self, task: Held) -> list[Gap]:
        """The gaps in which a part of this task waits for its visit."""
        if task.paused or task.finished_at is not None or not task.runs_left():
            return []
        return [g for g in self.position.gaps if task.id > g.after_task and task.since < g.to]

    def close(self, task: Held, reason: MissedReason, emission: Emission) -> None:
        """Record the part of a task that still lies open in gaps as missed."""
        for gap in self.open_gaps(task):
            if found := span(task.standing, max(gap.after, task.since), gap.to, reason):
                emission.missed(task, found)

    def finish_if_over(self, task: Held, emission: Emission) -> None:
        """Say so when a task has no occurrence left and none that waits in a gap."""
        if task.paused or task.finished_at is not None or task.next_due < NEVER or self.open_gaps(task):
            return
        task.finished_at = self.position.second
        self.removals.put(task.id, task.finished_at + FINISHED_SECONDS)
        emission.remember(task)
        reason: Literal["once", "end", "max_runs"] = "end" if task.runs_left() else "max_runs"
        if isinstance(task.schedule, Once):
            reason = "once"
        last = next(newest(Standing(task.schedule, task.offset, since=-1), -1, self.position.deciding), None)
        emission.finished(task, reason, last.nominal if last else self.position.second)

    def remember_run(self, run_id: str, memory: RunMemory, emission: Emission) -> None:
        """Hold what is known of a run."""
        self.runs.keep(run_id, memory)
        emission.remember_run(run_id, memory)

    def attempt_emitted(self, run_id: str, attempt: int, emission: Emission) -> None:
        """Note that a pending attempt is out."""
        if memory := self.runs.get(run_id):
            self.remember_run(run_id, replace(memory, attempt=attempt, pending=None, changed_at=emission.now), emission)

    def end_attempt(self, run_id: str, pending: PendingAttempt, reason: EndReason, emission: Emission) -> None:
        """Drop a pending attempt, with a final word."""
        emission.ended(pending, reason)
        if memory := self.runs.get(run_id):
            cancelled = memory.cancelled or reason == "cancelled"
            left = replace(memory, pending=None, cancelled=cancelled, changed_at=emission.now)
            self.remember_run(run_id, left, emission)

    def end_backfill(self, event_id: str, reason: Literal["done", "deleted"], emission: Emission) -> None:
        """Drop a backfill, with a final word."""
        emission.backfill_ended(event_id, self.backfills.states[event_id], reason)
        self.backfills.keep(event_id, None)
        emission.remember_backfill(event_id, None)
