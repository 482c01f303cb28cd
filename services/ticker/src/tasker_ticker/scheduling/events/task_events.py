"""PURE. What an event does, from the watermark on, and the verdict that answers it."""

import dataclasses
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import UNSET, Raw
from msgspec.structs import replace

from tasker_core.errors import FieldError
from tasker_core.events.task_event import (
    BackfillEvent,
    CancelEvent,
    ChangeEvent,
    OutcomeEvent,
    Rejection,
    RetryEvent,
    TaskEvent,
)
from tasker_core.ids import Kind
from tasker_core.messages import NULL, Verdict, VerdictWord
from tasker_core.schedules.effective_schedule import hand_over
from tasker_core.schedules.occurrences import Occurrence, effective_of, offset_of, unreachable_errors
from tasker_core.schedules.schedule import NEVER, Interval, Once
from tasker_core.task import Task
from tasker_core.ticker_state import Pause, TaskTombstone, accepted_task
from tasker_core.time.instant import rfc3339_second
from tasker_core.topics import partition_of
from tasker_ticker.scheduling.batch import Lane
from tasker_ticker.scheduling.events.run_events import Refused, add_backfill, cancel, retry
from tasker_ticker.scheduling.memory.backfills import name_of
from tasker_ticker.scheduling.memory.failure_streak import Row, note
from tasker_ticker.scheduling.memory.held_task import Held
from tasker_ticker.scheduling.memory.run_memory import asked_id
from tasker_ticker.scheduling.misfire import LIVE_SECONDS, ONE_TIME_SECONDS
from tasker_ticker.scheduling.records import Emission, instant
from tasker_ticker.scheduling.state import State

_OF_RUNS = ("retry", "cancel")

if TYPE_CHECKING:
    from tasker_ticker.scheduling.scheduler import Incoming, Place

TASKER: Final = "tasker"
"""Who pauses a task that fails too often."""


def apply(place: "Place", state: State, incoming: "Incoming", emission: Emission) -> None:
    """Apply one event at the watermark: everything before it is decided, and its change holds from here on."""
    content = incoming.content
    if content is not None:
        Change(place, state, incoming, content.origin.event_id, emission).decide(content)


class Change:
    """One event being applied. `at` is the second from which it holds."""

    def __init__(
        self, place: "Place", state: State, incoming: "Incoming", event_id: str | None, emission: Emission
    ) -> None:
        assert incoming.content is not None
        self._place, self._state, self._incoming, self._emission = place, state, incoming, emission
        self._origin = incoming.content.origin
        self._at, self._version = state.position.second, state.position.base + incoming.offset
        self._current = state.tasks.get(self._origin.task_id)
        self._event_id = event_id or incoming.appended.event_id
        self._note: str | None = None

    def decide(self, content: TaskEvent | Rejection) -> None:
        """Forward, reject, supersede or carry out."""
        current = self._current
        if partition_of(self._origin.task_id, self._place.partitions) != self._place.partition:
            self._answer("forwarded", None)  # the shell has sent it on
        elif isinstance(content, OutcomeEvent):
            self._count(content)
        elif (current is not None and self._event_id in current.recent) or self._outdated():
            self._answer("superseded", current)
        elif isinstance(content, Rejection):
            if content.refused_retry is not None:
                retry(self._state, content.refused_retry, self._at, self._emission, malformed=True)
            self._reject(*content.errors)
        elif isinstance(content, ChangeEvent) and (error := self._wrong_version(content)):
            self._reject(error)
        elif isinstance(content, ChangeEvent) and content.type == "put":
            self._note = content.note
            self._put(content)
        elif isinstance(content, RetryEvent):
            self._answer(retry(self._state, content, self._at, self._emission), current)
        elif isinstance(content, CancelEvent):
            self._cancel(content.run_id, current)
        elif current is None:
            self._reject(FieldError(pointer="/task_id", message="no such task"))
        else:
            self._carry_out(content, current)

    def _cancel(self, run_id: str | None, task: Held | None) -> None:
        cancel(self._state, self._origin.task_id, run_id, self._at, self._emission)
        if task is not None:
            task.remember(self._event_id)
            self._emission.remember(task)
        self._answer("accepted", task)

    def _carry_out(self, content: ChangeEvent | BackfillEvent, task: Held) -> None:
        if isinstance(content, ChangeEvent):
            self._note = content.note
            self._change(content, task)
            return
        name = name_of(task.id, self._event_id)
        if name in self._state.backfills.states or self._asked_before(task, "backfill"):
            self._answer("superseded", task)
            return
        try:
            add_backfill(self._state, task, content, name, self._at, self._emission)
        except Refused as refused:
            self._reject(refused.error)
            return
        task.remember(self._event_id)
        self._emission.remember(task)
        self._answer("accepted", task)

    def _outdated(self) -> bool:
        """Whether an event that was forwarded is older than the task's last change, or its delete.

        What is about runs that are out is not: they go on whatever becomes of their task.
        """
        appended, current = self._incoming.appended, self._current
        if not self._incoming.forwarded or self._origin.event_type in _OF_RUNS:
            return False
        if current is None:
            return self._state.gone.is_older(self._origin.task_id, appended)
        return current.changed is not None and appended < current.changed

    def _wrong_version(self, event: ChangeEvent) -> FieldError | None:
        stands = self._current.version if self._current else 0
        if event.if_version is None or event.if_version == stands:
            return None
        told = f"the task is at version {stands}" if stands else "no such task"
        return FieldError(pointer="/if_version", message=f"{told}, not {event.if_version}")

    def _put(self, event: ChangeEvent) -> None:
        assert event.task is not None, "a put carries a task"
        task, current, state = self._filled_in(event.task), self._current, self._state
        stands = accepted_task(task)
        if task.paused:
            stands = replace(stands, pause=current.task.pause if current and current.paused else self._pause())
        new = Held(
            stands,
            state.groups,
            generation=current.generation if current else self._version,
            version=self._version,
            since=self._at,
        )
        same = current is not None and current.group.same_as(new.group)
        if not same and (errors := self._impossible(task)):
            self._reject(*errors)
            return
        at_once = NEVER
        if current is not None:
            new.recent, new.runs_done, new.cancelled_ms = current.recent, current.runs_done, current.cancelled_ms
            new.foreign = current.foreign
            if same:
                new.finished_at, new.after_nominal = current.finished_at, current.after_nominal
            else:
                over = hand_over(current.standing, new.schedule, new.offset, self._at)
                new.after_nominal, at_once = over.current.after_nominal, over.run_at_once
            if same and current.paused == new.paused:
                new.since = current.since
            else:
                state.close(current, "changed" if not same else "paused", self._emission)
            if same and current.paused != new.paused:
                new.after_nominal = current.standing.last_decided(self._at)
        elif isinstance(task.schedule, Once) and task.schedule.second + new.offset <= self._at:
            at_once = task.schedule.second
        if new.task.max_consecutive_failures is not UNSET:
            row = current.row if current and current.task == new.task else None
            new.row = row or Row(self._version)
        new.remember(self._event_id)
        self._keep(new)
        if at_once != NEVER and not new.paused and new.runs_left():
            effective = min(effective_of(new.schedule, at_once, new.offset), self._at)
            late = self._emission.now - effective > LIVE_SECONDS
            lane: Lane = "due-background" if late else "due-tasks"
            state.fire(new, Occurrence(at_once, effective), lane, self._emission)
            new.after_nominal = at_once
            self._emission.remember(new)
        state.finish_if_over(new, self._emission)

    def _impossible(self, task: Task) -> list[FieldError]:
        """Why a new schedule is refused: it has no occurrence that could run."""
        schedule = task.schedule
        if not isinstance(schedule, Once):
            return unreachable_errors(schedule, self._at)
        at = schedule.second
        if at > self._at or at + offset_of(schedule, task.id) > self._at:
            return []
        if self._current is None and self._at - at <= ONE_TIME_SECONDS:
            return []
        message = "lies in the past; choose a later one, or trigger the task to run it now"
        return [FieldError(pointer="/schedule/at", message=message)]

    def _filled_in(self, task: Task) -> Task:
        """The task with what it leaves out filled in from what stood, or from the moment."""
        current, schedule = self._current, task.schedule
        if isinstance(schedule, Interval):
            stood = current.schedule if current else None
            kept = stood.anchor if isinstance(stood, Interval) else None
            if schedule.anchor is None and kept is not None:
                schedule = schedule.model_copy(update={"anchor": kept})
            schedule = schedule.anchored(self._at)
        paused = task.paused if task.paused is not None else current is not None and current.paused
        return task.model_copy(update={"schedule": schedule, "paused": paused})

    def _change(self, event: ChangeEvent, task: Held) -> None:
        state, emission = self._state, self._emission
        if event.type == "delete":
            state.close(task, "deleted", emission)
            foreign = task.foreign or self._incoming.forwarded
            state.drop(task, emission, TaskTombstone(deleted=self._incoming.appended, at=self._at) if foreign else None)
            self._answer("accepted", None, version=self._version, generation=task.generation)
        elif event.type == "trigger":
            self._trigger(event, task)
        else:
            task.remember(self._event_id)
            self._set_paused(task, paused=event.type == "pause")

    def _set_paused(self, task: Held, *, paused: bool) -> None:
        """Pause or resume, whichever it was; either way failures are counted anew."""
        if paused:
            self._state.close(task, "paused", self._emission)
        if task.paused != paused:
            task.after_nominal, task.since = task.standing.last_decided(self._at), self._at
        task.task = replace(task.task, paused=paused, pause=self._pause() if paused else UNSET)
        task.version = self._version
        if task.row is not None:
            task.row = Row(self._version)
        self._keep(task)
        self._state.finish_if_over(task, self._emission)

    def _pause(self) -> Pause:
        return Pause(at=rfc3339_second(self._at), by=self._origin.actor, note=self._note)

    def _count(self, told: OutcomeEvent) -> None:
        """Take in how a run has ended. There is no answer but to the failure that pauses the task.

        Its id need not be remembered: whatever is told again is known by its run.
        """
        task = self._current
        if task is None or task.generation != told.generation or task.row is None:
            return
        if task.paused or task.finished_at is not None or not task.row.count(told):
            return
        failures, most = len(task.row.failed), task.task.max_consecutive_failures
        if most is not UNSET and failures >= most:
            self._note, self._origin = note(failures, told), dataclasses.replace(self._origin, actor=TASKER)
            self._set_paused(task, paused=True)
        else:
            self._emission.remember(task)

    def _trigger(self, event: ChangeEvent, task: Held) -> None:
        state, emission = self._state, self._emission
        if event.has_payload:
            # Only what is wrong with the payload: a handler that is not announced any more is the task's own matter.
            found = self._place.check(task.task.handler, event.payload)
            if errors := [error for error in found if error.pointer.startswith("/payload")]:
                self._reject(*errors)
                return
        if self._asked_before(task, "manual"):
            self._answer("superseded", task)
            return
        payload = Raw(msgspec.json.encode(event.payload)) if event.has_payload else None
        at = Occurrence(self._at, self._at)
        run = emission.run(task, at, kind="manual", event_id=self._event_id, payload=payload)
        state.remember_asked(task.id, task.generation, "manual", self._event_id, emission)
        task.remember(self._event_id)
        emission.remember(task)
        self._answer("accepted", task, run=run)

    def _asked_before(self, task: Held, kind: Kind) -> bool:
        """Whether the event has made its runs already, though the task does not know its id any more."""
        return self._state.runs.get(asked_id(task.id, task.generation, kind, self._event_id)) is not None

    def _keep(self, task: Held) -> None:
        task.changed, task.foreign = self._incoming.appended, task.foreign or self._incoming.forwarded
        self._state.keep(task)
        self._emission.remember(task)
        self._answer("accepted", task)

    def _reject(self, *errors: FieldError) -> None:
        self._answer("rejected", self._current, errors=errors)

    def _answer(
        self,
        word: VerdictWord,
        task: Held | None,
        *,
        run: str | None = None,
        version: int | None = None,
        generation: int | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        accepted = word == "accepted"
        self._emission.verdict(
            Verdict(
                event_id=self._event_id,
                event_type=self._origin.event_type,
                task_id=self._origin.task_id,
                verdict=word,
                generation=task.generation if task else generation,
                version=task.version if task else version,
                actor=self._origin.actor,
                channel=self._origin.channel,
                note=self._note,
                digest=self._origin.digest,
                effective_from=rfc3339_second(self._at) if accepted else None,
                task=Raw(task.body()) if task and accepted else NULL,
                next_at=instant(task.next_nominal) if task and accepted else None,
                run_id=run,
                errors=[error.model_dump() for error in errors],
            )
        )
