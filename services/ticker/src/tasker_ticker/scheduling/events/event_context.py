"""PURE. One event that is being applied, and the verdict that answers it."""

from msgspec import Raw

from tasker_core.errors import FieldError, bounded
from tasker_core.ids import Kind
from tasker_core.messages.base import NULL
from tasker_core.messages.verdicts import NO_TASK_EVENTS, Verdict, VerdictWord
from tasker_core.schedules.schedule import Schedule
from tasker_core.ticker_state import Pause
from tasker_core.time.instant import rfc3339_second
from tasker_ticker.scheduling.memory.held_task import HeldTask
from tasker_ticker.scheduling.memory.run_memory import request_id
from tasker_ticker.scheduling.memory.shared_schedule import CalendarVersions
from tasker_ticker.scheduling.records import BatchRecords, instant_or_none
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent, SchedulerConfig
from tasker_ticker.scheduling.state import PartitionState


class EventContext:
    """One event, and what it is applied to. It holds from the second `at`; `current` is its task as it was before.

    `origin` and `note` are those of the verdict, `version` is that of a task that the event changes.
    """

    def __init__(
        self, config: SchedulerConfig, state: PartitionState, incoming: IncomingEvent, records: BatchRecords
    ) -> None:
        self.config, self.state, self.records = config, state, records
        self.appended, self.forwarded = incoming.appended, incoming.forwarded
        self.origin = incoming.content.origin
        self.event_id = self.origin.event_id or incoming.appended.event_id
        self.at, self.version = state.position.second, state.position.base + incoming.offset
        about_no_task = self.origin.event_type in NO_TASK_EVENTS
        self.current = None if about_no_task else state.tasks.get(self.origin.task_id)
        self.note: str | None = None

    def pause(self) -> Pause:
        """Why a task is paused from now on: by this event."""
        return Pause(at=rfc3339_second(self.at), by=self.origin.actor, note=self.note)

    def calendars_of(self, schedule: Schedule) -> tuple[CalendarVersions, list[FieldError]]:
        """Under which versions of its calendars a schedule is to be, or why it can't be; their days are held then."""
        if not schedule.calendar_names:
            return (), []
        memory = self.state.calendars
        found, errors = memory.for_schedule(schedule, self.current, self.at, self.config.calendars)
        under = dict(self.current.shared_schedule.versions) if self.current else {}
        versions = dict[str, int]()
        for name, newest in found.items():
            versions[name] = under[name] if newest is None else newest.version
            if newest is not None and memory.hold(newest):
                self.records.store_calendar_version(name, newest.version, newest.entries)
        return tuple(sorted(versions.items())), errors

    def was_requested(self, task: HeldTask, kind: Kind) -> bool:
        """Whether the event has made its runs already, though the task does not know its id any more."""
        return self.state.runs.get(request_id(task.id, task.generation, kind, self.event_id)) is not None

    def remember_event(self, task: HeldTask) -> None:
        """Let a task remember this event."""
        task.remember_event(self.event_id, self.state.limits.recent_events)

    def accept_change(self, task: HeldTask) -> None:
        """Hold a task that the event has changed, and answer."""
        task.changed, task.foreign = self.appended, task.foreign or self.forwarded
        self.state.put_task(task)
        self.records.store_task(task)
        self.answer("accepted", task, is_change=True)

    def reject(self, *errors: FieldError) -> None:
        """Answer that the event changes nothing, and why."""
        self.answer("rejected", self.current, errors=errors)

    def answer(
        self,
        word: VerdictWord,
        task: HeldTask | None,
        *,
        run_id: str | None = None,
        version: int | None = None,
        generation: int | None = None,
        calendar: Raw = NULL,
        change_set_state: Raw = NULL,
        errors: tuple[FieldError, ...] = (),
        is_change: bool = False,
    ) -> None:
        """The verdict on the event. `version` and `generation` are for where there is no task any more."""
        accepted = word == "accepted"
        defines = task if is_change else None
        self.records.add_verdict(
            Verdict(
                event_id=self.event_id,
                event_type=self.origin.event_type,
                task_id=self.origin.task_id,
                verdict=word,
                generation=task.generation if task else generation,
                version=task.version if task else version,
                actor=self.origin.actor,
                channel=self.origin.channel,
                note=self.note,
                digest=self.origin.digest,
                effective_from=rfc3339_second(self.at) if accepted else None,
                since=None if defines is None else rfc3339_second(defines.since),
                after_nominal=None if defines is None else instant_or_none(defines.after_nominal),
                task=Raw(task.to_json()) if task and accepted else NULL,
                calendars=dict(task.shared_schedule.versions) if task and accepted else {},
                calendar=calendar,
                next_at=instant_or_none(task.next_nominal) if task and accepted else None,
                run_id=run_id,
                traceparent=None if self.origin.trace is None else self.origin.trace.traceparent,
                change_set=self.origin.change_set,
                change_set_state=change_set_state,
                errors=[error.model_dump() for error in bounded(errors)],
            )
        )
