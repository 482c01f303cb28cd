"""PURE. What one partition holds: its position, tasks, those that are gone, runs in hand and backfills."""

from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec.structs import replace

from tasker_core.ids import Kind
from tasker_core.messages import EndReason, MissedReason
from tasker_core.schedules.effective_schedule import EffectiveSchedule
from tasker_core.schedules.occurrences import Occurrence
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import (
    BackfillState,
    PendingAttempt,
    RunMemory,
    TaskState,
    TaskTombstone,
    decode_state_record,
)
from tasker_ticker.scheduling.batch import Lane
from tasker_ticker.scheduling.memory.agenda import Agenda
from tasker_ticker.scheduling.memory.backfills import Backfills, event_of
from tasker_ticker.scheduling.memory.held_task import Groups, Held, Instant, restored
from tasker_ticker.scheduling.memory.run_memory import RunsInHand, asked_id
from tasker_ticker.scheduling.memory.tombstones import GoneTasks
from tasker_ticker.scheduling.memory.watermark import Position
from tasker_ticker.scheduling.misfire import Gap, newest, span
from tasker_ticker.scheduling.records import Emission


@dataclass(slots=True)
class Memory:
    """What was read from `ticker-state`."""

    tasks: dict[str, Held] = field(default_factory=dict[str, Held])
    gone: dict[str, TaskTombstone] = field(default_factory=dict[str, TaskTombstone])
    runs: dict[str, RunMemory] = field(default_factory=dict[str, RunMemory])
    backfills: dict[str, BackfillState] = field(default_factory=dict[str, BackfillState])
    groups: Groups = field(default_factory=Groups)

    def recall(self, key: bytes, value: bytes | None) -> None:
        """Take one record of `ticker-state` into account, in the order of the log. Raises msgspec.MsgspecError."""
        kind, _, name = key.decode().partition("/")
        if kind == "task":
            self.gone.pop(name, None)
        if value is None:
            gone: dict[str, Any] = {"task": self.tasks, "run": self.runs, "backfill": self.backfills}.get(kind, {})
            gone.pop(name, None)
            return
        state = decode_state_record(value)
        if isinstance(state, TaskState):
            task = restored(state, self.groups)
            self.tasks[task.id] = task
        elif isinstance(state, TaskTombstone):
            self.tasks.pop(name, None)
            self.gone[name] = state
        elif isinstance(state, RunMemory):
            self.runs[name] = state
        else:
            self.backfills[name] = state


class State:
    """One partition. After a failed transaction it is thrown away, never used again."""

    def __init__(self, position: Position, memory: Memory) -> None:
        self.position, self.groups = position, memory.groups
        self.tasks: dict[str, Held] = memory.tasks
        self.gone = GoneTasks(memory.gone)
        self.runs, self.backfills = RunsInHand(memory.runs), Backfills(memory.backfills)
        self.agenda, self.removals = Agenda(), Agenda()
        for task in self.tasks.values():
            self._place(task)
            if task.row is not None:
                task.row.restarted(position.deciding)
            if self._is_over(task) and task.over_at < NEVER:  # of which nothing was written (finish_if_over)
                task.finished_at = task.over_at
                self.removals.add(task.id, task.removal)

    def keep(self, task: Held) -> None:
        """Hold a task and put its next occurrence after the watermark on the agenda."""
        if (before := self.tasks.get(task.id)) is not None:
            self._displace(before)
        else:
            self.gone.drop(task.id)
        self.tasks[task.id] = task
        self._place(task)

    def _place(self, task: Held) -> None:
        decided, burst = self.position.second, self.position.burst_after
        task.look_ahead(decided + 1 if burst is not None and task.id <= burst else decided)
        self.agenda.add(task.id, task.next_due)
        self.removals.add(task.id, task.removal)

    def _displace(self, task: Held) -> None:
        self.agenda.remove(task.id, task.next_due)
        self.removals.remove(task.id, task.removal)

    def drop(self, task: Held, emission: Emission, gone: TaskTombstone | None = None) -> None:
        """Forget a task, its attempts to come and its backfills; `gone` is what is remembered of it, if anything."""
        del self.tasks[task.id]
        self._displace(task)
        for run_id, pending in self.runs.pending_of(task.id):
            self.end_attempt(run_id, pending, "deleted", emission)
        for name in self.backfills.of_task(task.id):
            self.end_backfill(name, "deleted", emission)
        if gone is None:
            emission.forget(task.id)
        else:
            self.gone.keep(task.id, gone)
            emission.remember_gone(task.id, gone)

    def remove(self, task: Held, at: int, emission: Emission) -> None:
        """Let go of a task whose retention is over; if something of it is still to come, that begins anew."""
        if self.runs.pending_of(task.id) or self.backfills.of_task(task.id):
            self.removals.remove(task.id, task.removal)
            task.finished_at = at
            self.removals.add(task.id, task.removal)
            emission.remember(task)
        else:
            emission.removed(task)
            self.drop(task, emission)

    def fire(self, task: Held, at: Occurrence, lane: Lane, emission: Emission) -> None:
        """Emit a scheduled run, counted where its task counts them."""
        counted = task.count_run()
        if counted and not task.runs_left():
            self.agenda.remove(task.id, task.next_due)
            task.next_due = task.next_nominal = NEVER
        emission.run(task, at, lane=lane)
        if counted:
            emission.remember(task)

    def open_gaps(self, task: Held) -> list[Gap]:
        """The gaps in which a part of this task waits for its visit."""
        if not self.position.gaps or task.paused or task.finished_at is not None or not task.runs_left():
            return []
        found = [g for g in self.position.gaps if task.id > g.after_task and task.since < g.to]
        if (once := task.over_at) < NEVER:
            return [g for g in found if max(g.after, task.since) < once <= g.to]
        return found

    def close(self, task: Held, reason: MissedReason, emission: Emission) -> None:
        """Record the part of a task that still lies open in gaps as missed."""
        for gap in self.open_gaps(task):
            if found := span(task.standing, max(gap.after, task.since), gap.to, reason):
                emission.missed(task, found)

    def finish_if_over(self, task: Held, emission: Emission) -> None:
        """Say so when a task has no occurrence left and none that waits in a gap.

        A one-time task that is over just when its schedule says needs no record: a restore can tell.
        """
        if not self._is_over(task):
            return
        task.finished_at = self.position.deciding
        self.removals.add(task.id, task.removal)
        if task.finished_at != task.over_at:
            emission.remember(task)
        if isinstance(task.group, Instant):
            emission.finished(task, "once", task.group.second)
            return
        last = next(newest(EffectiveSchedule(task.schedule, task.offset, since=-1), -1, self.position.deciding), None)
        reason = "end" if task.runs_left() else "max_runs"
        emission.finished(task, reason, last.nominal if last else self.position.second)

    def _is_over(self, task: Held) -> bool:
        return not (task.next_due < NEVER or task.paused or task.finished_at is not None or self.open_gaps(task))

    def remember_run(self, run_id: str, memory: RunMemory, emission: Emission) -> None:
        """Hold what is known of a run."""
        self.runs.keep(run_id, memory)
        emission.remember_run(run_id, memory)

    def remember_asked(self, task_id: str, generation: int, kind: Kind, event_id: str, emission: Emission) -> None:
        """Hold that an event has made its runs."""
        memory = RunMemory(task_id=task_id, changed_at=emission.now)
        self.remember_run(asked_id(task_id, generation, kind, event_id), memory, emission)

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

    def end_backfill(self, name: str, reason: Literal["done", "deleted"], emission: Emission) -> None:
        """Drop a backfill, with a final word; one that is done and asked for again is known."""
        asked = self.backfills.states[name]
        emission.backfill_ended(event_of(name), asked, reason)
        if reason == "done":
            self.remember_asked(asked.task_id, asked.generation, "backfill", event_of(name), emission)
        self.backfills.keep(name, None)
        emission.remember_backfill(name, None)
