"""Task events, as CloudEvents 1.0 (structured or binary) or in the short form.

`parse_event` reads whatever a producer may send: it answers with the event, or with the reasons for a `rejected`
verdict; what names no task is no less answered than that, and goes to the dead letters besides. Instants are epoch
seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from pydantic import JsonValue

from tasker_core.errors import FieldError, InvalidInput
from tasker_core.events.calendar_event import (
    CalendarEvent,
    calendar_delete_event,
    calendar_event,
    named_calendar,
)
from tasker_core.events.callback_events import ReportEvent, WaitEvent, refused_wait, report_event, wait_event
from tasker_core.events.chain_event import ChainEvent, parse_chain_event
from tasker_core.events.change_set_event import NO_CHANGE_SET, ChangeSetEvent, change_set_event, named_change_set
from tasker_core.events.envelope import open_envelope, trace_of
from tasker_core.events.event_data import (
    BackfillData,
    CancelData,
    ChangeData,
    OutcomeData,
    PutData,
    ReportData,
    RetryData,
    TriggerData,
    WaitData,
    emission_ms,
    extract_run,
    validated,
)
from tasker_core.events.event_origin import EventOrigin
from tasker_core.handlers.built_in import payload_errors
from tasker_core.ids import MAX_TASK_ID, TASK_ID_PATTERN, is_task_id
from tasker_core.messages.change_sets import NO_CHANGE_SET_ID, is_change_set_id
from tasker_core.messages.runs import Outcome, Run, RunError
from tasker_core.messages.verdicts import CALENDAR_EVENTS, Channel, EventType
from tasker_core.task import HandlerCheck, Task, parse_task, size_errors

MAX_EVENT_ID = 200
_CHANNELS = get_args(Channel)
NO_TASK: Final = f"neither the event nor the Kafka key names a task ({TASK_ID_PATTERN})"
_NO_CALENDAR: Final = f"neither the event nor the Kafka key names a calendar ({TASK_ID_PATTERN})"
_NAMELESS: Final = {**dict.fromkeys(CALENDAR_EVENTS, _NO_CALENDAR), "change-set": NO_CHANGE_SET}
_KEYS: Final = {**dict.fromkeys(CALENDAR_EVENTS, "name of the calendar"), "change-set": "id of the change-set"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """A change of a task, or a trigger. `if_version`: None always, 0 only create, n only if n is current."""

    origin: EventOrigin
    type: Literal["put", "delete", "pause", "resume", "trigger"]
    task: Task | None = None
    if_version: int | None = None
    note: str | None = None
    payload: JsonValue = None
    has_payload: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillEvent:
    """Past nominal times to be run, `rate` of them a minute: those in [start, end), or `times` (ascending)."""

    origin: EventOrigin
    rate: int
    start: int | None = None
    end: int | None = None
    times: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelEvent:
    """One run to be cancelled, or all unfinished ones of the task."""

    origin: EventOrigin
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryEvent:
    """The next attempt of a run, asked for by its executor: which it is, and when it is due.

    `emitted_ms` (epoch milliseconds): when the attempt that failed was emitted.
    """

    origin: EventOrigin
    run: Run
    attempt: int
    retry_at: int
    emitted_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """How a run has ended for good, reported by its executor. `effective` is when it was due; `error` why it failed."""

    origin: EventOrigin
    run_id: str
    generation: int
    version: int
    effective: int
    outcome: Outcome
    error: RunError | None = None

    @property
    def failed(self) -> bool:
        """Whether it has failed."""
        return self.outcome == "failed"


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that breaks the contract, with the reasons. `refused`: the retry or wait, if it is one.

    `dead_letter`: why the record is one besides: it names no task. What it calls its task, if anything, is the task id
    of its origin all the same, cut to the length of one, so that whoever sent it finds the answer.
    """

    origin: EventOrigin
    errors: list[FieldError]
    refused: RetryEvent | WaitEvent | None = None
    dead_letter: str | None = None


TaskEvent = (
    ChangeEvent
    | BackfillEvent
    | CancelEvent
    | RetryEvent
    | OutcomeEvent
    | ChainEvent
    | WaitEvent
    | ReportEvent
    | CalendarEvent
    | ChangeSetEvent
)
"""What a well-formed event wants."""


def parse_event(
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    key: bytes | None,
    check: HandlerCheck = payload_errors,
) -> TaskEvent | Rejection:
    """Read one message of `task-events`, whatever it is; `check` knows the handlers."""
    envelope = open_envelope(value, {name: raw for name, raw in headers if name.startswith("ce_")})
    attributes, data = envelope.attributes, envelope.data
    word = attributes.get("type")
    event_type = word.removeprefix("tasker.") if isinstance(word, str) else ""
    task_id = _named_task(event_type, data, key)
    actor, channel = attributes.get("actor", attributes.get("source")), attributes.get("channel")
    event_id, digest = attributes.get("id"), attributes.get("digest")
    change_set = task_id or None if event_type == "change-set" else attributes.get("change_set")
    origin = EventOrigin(
        event_id=event_id if isinstance(event_id, str) and 0 < len(event_id) <= MAX_EVENT_ID else None,
        event_type=event_type[:64],
        task_id=task_id,
        actor=actor[:200] if isinstance(actor, str) else None,
        channel=cast("Channel", channel) if channel in _CHANNELS else "kafka",
        digest=digest[:64] if isinstance(digest, str) else None,
        change_set=change_set if is_change_set_id(change_set) else None,
        trace=trace_of(attributes, headers) if headers or "traceparent" in attributes else None,
    )
    errors: list[FieldError] = []
    if event_id is not None and origin.event_id is None:
        errors.append(FieldError(pointer="/id", message=f"must be a text of 1 to {MAX_EVENT_ID} characters"))
    if change_set is not None and origin.change_set is None and "change_set" not in data:
        errors.append(FieldError(pointer="/change_set", message=NO_CHANGE_SET_ID))
    if envelope.unreadable is not None:
        return Rejection(origin, [*errors, envelope.unreadable], dead_letter=envelope.unreadable.message)
    if (is_named := is_task_id(task_id)) and key is not None and key != task_id.encode():
        what = _KEYS.get(event_type, "task id")
        errors.append(FieldError(pointer="/key", message=f"the Kafka key must be the {what} {task_id!r}, or absent"))
    structured = attributes.get("data") is data
    event: TaskEvent | None = None
    refused: RetryEvent | WaitEvent | None = None
    try:
        event = _content(origin, event_type, data, value or b"", check, structured=structured)
    except InvalidInput as error:
        errors += error.errors
        refused = _refused(origin, event_type, value or b"", structured=structured)
    if not is_named:
        why = _NAMELESS.get(event_type, NO_TASK)
        return Rejection(origin, errors or [FieldError(pointer="", message=why)], dead_letter=why)
    if errors or event is None:
        return Rejection(origin, errors, event if isinstance(event, RetryEvent | WaitEvent) else refused)
    return event


def _named_task(event_type: str, data: Mapping[str, Any], key: bytes | None) -> str:
    """The id of the task (name of the calendar) that an event or its key names; else what stands in its place."""
    task, run = data.get("task"), data.get("run")
    named = cast("dict[str, Any]", task).get("id") if isinstance(task, dict) else data.get("task_id")
    retried = cast("dict[str, Any]", run).get("task_id") if isinstance(run, dict) else None
    given = (retried, named) if event_type in ("retry", "wait") else (named, retried)
    if event_type in CALENDAR_EVENTS:
        given = (named_calendar(data),)
    if event_type == "change-set":
        given = (named_change_set(data),)
    texts = [text for text in (*given, key.decode(errors="replace") if key else None) if isinstance(text, str)]
    allowed = (text for text in texts if is_task_id(text))
    found = next(allowed, texts[0] if texts else "")
    return found if len(found) <= MAX_TASK_ID else f"{found[: MAX_TASK_ID - 1]}…"  # cut, and still no allowed id


def _content(
    origin: EventOrigin, word: str, data: Mapping[str, Any], value: bytes, check: HandlerCheck, *, structured: bool
) -> TaskEvent:
    match word:
        case "put":
            put = validated(PutData, data)
            task = parse_task(put.task, check)
            return ChangeEvent(origin=origin, type="put", task=task, if_version=put.if_version, note=put.note)
        case "delete" | "pause" | "resume":
            change = validated(ChangeData, data)
            return ChangeEvent(origin=origin, type=word, if_version=change.if_version, note=change.note)
        case "trigger":
            trigger = validated(TriggerData, data)
            if too_large := size_errors(trigger.payload):
                raise InvalidInput(too_large)
            payload, given = trigger.payload, "payload" in data
            return ChangeEvent(origin=origin, type="trigger", payload=payload, has_payload=given, note=trigger.note)
        case "backfill":
            asked = validated(BackfillData, data)
            return BackfillEvent(
                origin=origin, rate=asked.rate, start=asked.start, end=asked.end, times=asked.times or ()
            )
        case "cancel":
            return CancelEvent(origin=origin, run_id=validated(CancelData, data).run_id)
        case "retry":
            return _retry(origin, validated(RetryData, data), extract_run(value, structured=structured))
        case "outcome":
            return _outcome(origin, validated(OutcomeData, data))
        case "chain":
            return parse_chain_event(origin, data)
        case "wait":
            return wait_event(origin, validated(WaitData, data), extract_run(value, structured=structured))
        case "report":
            return report_event(origin, validated(ReportData, data))
        case "calendar":
            return calendar_event(origin, data)
        case "calendar-delete":
            return calendar_delete_event(origin, data)
        case "change-set":
            return change_set_event(origin, data)
        case _:
            message = f"{word!r} is unknown; one of {', '.join(get_args(EventType))}"
            raise InvalidInput([FieldError(pointer="/type", message=message)])


def _retry(origin: EventOrigin, asked: RetryData, run: Run) -> RetryEvent:
    retry = _of_run(origin, run, asked.retry_at)
    if asked.attempt != retry.attempt:
        message = f"the attempt after {run.attempt} is {retry.attempt}"
        raise InvalidInput([FieldError(pointer="/attempt", message=message)])
    return retry


def _of_run(origin: EventOrigin, run: Run, retry_at: int) -> RetryEvent:
    """The retry of a run that a ticker may have emitted. Raises InvalidInput."""
    emitted_ms = emission_ms(origin.task_id, run)
    return RetryEvent(origin=origin, run=run, attempt=run.attempt + 1, retry_at=retry_at, emitted_ms=emitted_ms)


def _refused(origin: EventOrigin, event_type: str, value: bytes, *, structured: bool) -> RetryEvent | WaitEvent | None:
    """What a malformed retry or wait asks for; None when what it bears is no run."""
    if event_type not in ("retry", "wait"):
        return None
    try:
        run = extract_run(value, structured=structured)
        return refused_wait(origin, run) if event_type == "wait" else _of_run(origin, run, 0)
    except InvalidInput:
        return None


def _outcome(origin: EventOrigin, data: OutcomeData) -> OutcomeEvent:
    return OutcomeEvent(
        origin=origin,
        run_id=data.run_id,
        generation=data.generation,
        version=data.version,
        effective=data.effective_at,
        outcome=data.outcome,
        error=None if data.error is None else RunError(data.error.kind, data.error.message),
    )
