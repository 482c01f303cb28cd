"""Task events, as CloudEvents 1.0 (structured or binary) or in the short form.

`parse_event` reads whatever a producer may send: it answers with the event, with the reasons for a `rejected`
verdict, or, where not even the task is known, raises Undecodable. Instants are epoch seconds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

import msgspec
from pydantic import JsonValue

from tasker_core.errors import FieldError, InvalidInput, TaskerError
from tasker_core.events.chain_event import ChainEvent, parse_chain_event
from tasker_core.events.event_data import (
    BackfillData,
    CancelData,
    ChangeData,
    OutcomeData,
    PutData,
    RetryData,
    TriggerData,
    extract_run,
    validated,
)
from tasker_core.events.event_origin import EventOrigin
from tasker_core.handlers.built_in import payload_errors
from tasker_core.ids import TASK_ID_PATTERN
from tasker_core.messages import Channel, EventType, Run, RunError
from tasker_core.task import HandlerCheck, Task, parse_task, size_errors
from tasker_core.time.instant import parse_ms
from tasker_core.trace_context import HEADER, TraceContext, parse_traceparent

MAX_EVENT_ID = 200
_CHANNELS = get_args(Channel)
ENVELOPE: Final = {
    "type": "what is wanted",
    "id": "names the event, so that a repetition is harmless; without one it is `<partition>-<offset>`",
    "source": "who sends it, where there is no `actor`",
    "actor": "who wants it",
    "channel": "by which way it came",
    "digest": "what the producer calls the content: its verdict bears it",
}
"""What stands around the data of an event, all of it optional but `type`."""


class Undecodable(TaskerError):
    """A message that names no task: it can get no verdict and goes to the dead letters."""


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
    failed: bool
    error: RunError | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that breaks the contract, with the reasons. `refused_retry`: the retry, if it is one."""

    origin: EventOrigin
    errors: list[FieldError]
    refused_retry: RetryEvent | None = None


TaskEvent = ChangeEvent | BackfillEvent | CancelEvent | RetryEvent | OutcomeEvent | ChainEvent
"""What a well-formed event wants."""


def parse_event(
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    key: bytes | None,
    check: HandlerCheck = payload_errors,
) -> TaskEvent | Rejection:
    """Read one message of `task-events`; `check` knows the handlers. Raises Undecodable when it names no task."""
    attributes, data, extra = _unwrapped(value, {name: raw for name, raw in headers if name.startswith("ce_")})
    word = attributes.get("type")
    event_type = word.removeprefix("tasker.") if isinstance(word, str) else ""
    task_id = _task_id(event_type, data, key)
    actor, channel = attributes.get("actor", attributes.get("source")), attributes.get("channel")
    event_id, digest = attributes.get("id"), attributes.get("digest")
    origin = EventOrigin(
        event_id=event_id if isinstance(event_id, str) and 0 < len(event_id) <= MAX_EVENT_ID else None,
        event_type=event_type[:64],
        task_id=task_id,
        actor=actor[:200] if isinstance(actor, str) else None,
        channel=cast("Channel", channel) if channel in _CHANNELS else "kafka",
        digest=digest[:64] if isinstance(digest, str) else None,
        trace=_trace(attributes, headers) if headers or "traceparent" in attributes else None,
    )
    errors = [FieldError(pointer=f"/{name}", message="unknown field; remove it") for name in extra]
    if event_id is not None and origin.event_id is None:
        errors.append(FieldError(pointer="/id", message=f"must be a text of 1 to {MAX_EVENT_ID} characters"))
    if key is not None and key != task_id.encode():
        errors.append(FieldError(pointer="/key", message=f"the Kafka key must be the task id {task_id!r}, or absent"))
    structured = attributes.get("data") is data
    try:
        event = _content(origin, event_type, data, value or b"", check, structured=structured)
    except InvalidInput as error:
        refused = _refused(origin, value or b"", structured=structured) if event_type == "retry" else None
        return Rejection(origin, errors + error.errors, refused)
    if errors:
        return Rejection(origin, errors, event if isinstance(event, RetryEvent) else None)
    return event


def _unwrapped(value: bytes | None, ce: Mapping[str, bytes]) -> tuple[Mapping[str, Any], Mapping[str, Any], list[str]]:
    """The envelope's attributes, the data, and the names of short-form fields that do not belong."""
    try:
        body = msgspec.json.decode(value or b"")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Undecodable(f"not JSON: {error}") from None
    if not isinstance(body, dict):
        raise Undecodable("not a JSON object")
    fields = cast("dict[str, Any]", body)
    if "ce_type" in ce:
        return {name[3:]: raw.decode(errors="replace") for name, raw in ce.items()}, fields, []
    if "specversion" in fields:
        data = fields.get("data")
        if not isinstance(data, dict):
            raise Undecodable("a CloudEvent whose data is not an object")
        return fields, cast("dict[str, Any]", data), []
    return fields, {name: field for name, field in fields.items() if name not in ENVELOPE}, []


def _trace(attributes: Mapping[str, Any], headers: Sequence[tuple[str, bytes]]) -> TraceContext | None:
    """The trace in the record's header, else in a CloudEvent's attribute (its extension for distributed tracing)."""
    found = next((raw.decode(errors="replace") for name, raw in headers if name == HEADER), None)
    text = attributes.get(HEADER) if found is None else found
    return parse_traceparent(text) if isinstance(text, str) else None


def _task_id(event_type: str, data: Mapping[str, Any], key: bytes | None) -> str:
    task, run = data.get("task"), data.get("run")
    named = cast("dict[str, Any]", task).get("id") if isinstance(task, dict) else data.get("task_id")
    retried = cast("dict[str, Any]", run).get("task_id") if isinstance(run, dict) else None
    candidates = (retried, named) if event_type == "retry" else (named, retried)
    for candidate in (*candidates, key.decode(errors="replace") if key else None):
        if isinstance(candidate, str) and re.fullmatch(TASK_ID_PATTERN, candidate):
            return candidate
    raise Undecodable(f"neither the event nor the Kafka key names a task ({TASK_ID_PATTERN})")


def _content(
    origin: EventOrigin, word: str, data: Mapping[str, Any], value: bytes, check: HandlerCheck, *, structured: bool
) -> TaskEvent:
    match word:
        case "put":
            put = validated(PutData, data)
            return ChangeEvent(origin=origin, type="put", task=parse_task(put.task, check), if_version=put.if_version)
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
    errors: list[FieldError] = []
    if run.task_id != origin.task_id:
        errors.append(FieldError(pointer="/run/task_id", message=f"is not the task of the event, {origin.task_id!r}"))
    instants = dict.fromkeys(("nominal_at", "effective_at", "emitted_at"), 0)
    for name in instants:
        try:
            instants[name] = parse_ms(getattr(run, name))
        except ValueError:
            errors.append(FieldError(pointer=f"/run/{name}", message="is no instant; send the run as it was"))
    if errors:
        raise InvalidInput(errors)
    return RetryEvent(
        origin=origin, run=run, attempt=run.attempt + 1, retry_at=retry_at, emitted_ms=instants["emitted_at"]
    )


def _refused(origin: EventOrigin, value: bytes, *, structured: bool) -> RetryEvent | None:
    """What a malformed retry asks for; None when what it bears is no run."""
    try:
        return _of_run(origin, extract_run(value, structured=structured), 0)
    except InvalidInput:
        return None


def _outcome(origin: EventOrigin, data: OutcomeData) -> OutcomeEvent:
    return OutcomeEvent(
        origin=origin,
        run_id=data.run_id,
        generation=data.generation,
        version=data.version,
        effective=data.effective_at,
        failed=data.outcome == "failed",
        error=None if data.error is None else RunError(data.error.kind, data.error.message),
    )
