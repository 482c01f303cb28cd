"""PURE. What an event does to the tasks, from the watermark on, and the verdict that answers it."""

from typing import TYPE_CHECKING

import msgspec

from tasker_core.errors import FieldError
from tasker_core.events import Event, Origin, Rejection
from tasker_core.instant import rfc3339_second
from tasker_core.messages import NULL, Verdict, VerdictWord
from tasker_core.schedule import Interval, Once, next_after
from tasker_core.task import Task
from tasker_core.topics import partition_of
from tasker_ticker.catch_up import LIVE_SECONDS, ONE_TIME_SECONDS
from tasker_ticker.emission import Emission, instant
from tasker_ticker.records import Held, held

if TYPE_CHECKING:
    from tasker_ticker.scheduler import Scheduler

LONG_AGO = -(2**62)


def apply(scheduler: "Scheduler", content: Event | Rejection, offset: int, emission: Emission) -> None:
    """Apply one event at the watermark: everything before it is decided, and its change holds from here on."""
    Change(scheduler, content.origin, offset, emission).decide(content)


class Change:
    """One event being applied. `at` is the second from which it holds."""

    def __init__(self, scheduler: "Scheduler", origin: Origin, offset: int, emission: Emission) -> None:
        self._scheduler, self._origin, self._emission = scheduler, origin, emission
        self._at, self._version = scheduler.position.second, scheduler.position.base + offset
        self._current = scheduler.tasks.get(origin.task_id)
        self._event_id = origin.event_id or f"{scheduler.place.partition}-{offset}"
        self._note: str | None = None

    def decide(self, content: Event | Rejection) -> None:
        """Reject, supersede or carry out."""
        current = self._current
        if current is not None and self._event_id in current.recent:
            self._answer("superseded", current)
        elif isinstance(content, Rejection):
            self._reject(*content.errors)
        elif error := self._misplaced() or self._wrong_version(content):
            self._reject(error)
        elif content.type == "put":
            self._note = content.note
            self._put(content)
        elif current is None:
            self._reject(FieldError(pointer="/task_id", message="no such task"))
        else:
            self._note = content.note
            self._change(content, current)

    def _misplaced(self) -> FieldError | None:
        place = self._scheduler.place
        home = partition_of(self._origin.task_id, place.partitions)
        if home == place.partition:
            return None
        message = (
            f"the event came on partition {place.partition}, the task lives in {home}: send it with the task id as key "
            "and the murmur2 partitioner (the default of Java clients; `murmur2_random` in librdkafka)"
        )
        return FieldError(pointer="/key", message=message)

    def _wrong_version(self, event: Event) -> FieldError | None:
        stands = self._current.version if self._current else 0
        if event.if_version is None or event.if_version == stands:
            return None
        told = f"the task is at version {stands}" if stands else "no such task"
        return FieldError(pointer="/if_version", message=f"{told}, not {event.if_version}")

    def _put(self, event: Event) -> None:
        task, current = event.task, self._current
        if task is None:
            raise ValueError("a put carries a task")
        task = self._accepted(task)
        new = held(
            task,
            self._scheduler.groups,
            generation=current.generation if current else self._version,
            version=self._version,
            since=self._at,
        )
        same = current is not None and current.group is new.group
        past = None if same else self._past_instant(task)
        if past is not None and (current is not None or self._at - past > ONE_TIME_SECONDS):
            way_out = "choose a later one, or trigger the task to run it now"
            self._reject(FieldError(pointer="/schedule/at", message=f"lies in the past; {way_out}"))
            return
        if current is not None:
            new.recent = current.recent
            if same:
                new.finished_at = current.finished_at
            if same and current.paused == new.paused:
                new.since = current.since
            else:
                self._scheduler.close(current, "changed" if not same else "paused", self._emission)
        self._keep(new)
        if past is not None and not new.paused:
            late = self._emission.now - past > LIVE_SECONDS
            self._emission.run(new, past, stream="due-background" if late else "due-tasks")
        self._scheduler.finish_if_over(new, self._emission)

    def _accepted(self, task: Task) -> Task:
        """The task with what it leaves out filled in from what stood, or from the moment."""
        current, schedule = self._current, task.schedule
        if isinstance(schedule, Interval):
            stood = current.group.schedule if current else None
            kept = stood.anchor if isinstance(stood, Interval) else None
            if schedule.anchor is None and kept is not None:
                schedule = schedule.model_copy(update={"anchor": kept})
            schedule = schedule.anchored(self._at)
        paused = task.paused if task.paused is not None else current is not None and current.paused
        return task.model_copy(update={"schedule": schedule, "paused": paused})

    def _past_instant(self, task: Task) -> int | None:
        """The instant of a one-time task that is over already."""
        if not isinstance(task.schedule, Once):
            return None
        instant_at = next_after(task.schedule, LONG_AGO)
        return instant_at if instant_at <= self._at else None

    def _change(self, event: Event, task: Held) -> None:
        if event.type == "delete":
            self._scheduler.close(task, "deleted", self._emission)
            self._scheduler.drop(task, self._emission)
            self._answer("accepted", None, version=self._version, generation=task.generation)
        elif event.type == "trigger":
            payload = msgspec.json.encode(event.payload) if event.has_payload else None
            run = self._emission.run(task, self._at, kind="manual", event_id=self._event_id, payload=payload)
            task.remember(self._event_id)
            self._emission.remember(task)
            self._answer("accepted", task, run=run)
        else:
            paused = event.type == "pause"
            if paused:
                self._scheduler.close(task, "paused", self._emission)
            if task.paused != paused:
                task.since = self._at
            task.paused, task.version = paused, self._version
            task.body = msgspec.json.encode(msgspec.json.decode(task.body) | {"paused": paused})
            self._keep(task)
            self._scheduler.finish_if_over(task, self._emission)

    def _keep(self, task: Held) -> None:
        task.remember(self._event_id)
        self._scheduler.keep(task)
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
                task=msgspec.Raw(task.body) if task and accepted else NULL,
                next_at=instant(task.next_due) if task and accepted else None,
                run_id=run,
                errors=[error.model_dump() for error in errors],
            )
        )
