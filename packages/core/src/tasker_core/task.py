"""What a user defines: a task."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from tasker_core.alerts.notify import Notified
from tasker_core.chains.links import Successors, successor_errors
from tasker_core.errors import FieldError, InvalidInput, at_most, field_errors
from tasker_core.handlers.built_in import payload_errors
from tasker_core.ids import TaskId
from tasker_core.messages.runs import Overlap
from tasker_core.schedules.schedule import Schedule, for_task
from tasker_core.texts import Description, Name, Tag
from tasker_core.time.duration import Duration, PositiveDuration, parse_duration

MAX_PAYLOAD_BYTES = 64 * 1024
MAX_TAGS = 50
RESERVED_PREFIX: Final = "tasker-alerts."
"""Ids that begin so name the targets of alerts: no task has one."""
MAX_GRACE: Final = timedelta(weeks=1)
MAX_PAUSE: Final = timedelta(days=1)
MAX_AGE: Final = timedelta(weeks=1)
MAX_FAILURES: Final = 1000


def _without_repeats(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _a_grace(value: timedelta) -> timedelta:
    if value.microseconds:
        raise ValueError("not a whole number of seconds")
    if value > MAX_GRACE:
        raise ValueError("longer than a week; give at most P1W")
    return value


def _a_pause(value: timedelta) -> timedelta:
    if value > MAX_PAUSE:
        raise ValueError("longer than a day; give at most P1D")
    return value


def _an_age(value: timedelta) -> timedelta:
    if value > MAX_AGE:
        raise ValueError("longer than a week; give at most P1W")
    return value


def _is_default(value: object) -> bool:
    return value in _DEFAULTS


Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS), AfterValidator(_without_repeats), at_most(MAX_TAGS)]


class Misfire(BaseModel):
    """What becomes of occurrences that are late: later than their `grace` (whole seconds, at most a week).

    `latest` runs the newest of a gap, and only if nothing of it is still within its grace; `all` the newest `max`;
    `none` runs none. What is still within its grace runs, each occurrence of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Literal["latest", "all", "none"] = "latest"
    grace: Annotated[Duration, AfterValidator(_a_grace)] = parse_duration("PT1M")
    max: Annotated[int, Field(ge=1, le=1000)] = 100


Pause = Annotated[PositiveDuration, AfterValidator(_a_pause)]


class Retry(BaseModel):
    """Whether and when a failed run is tried again.

    `max_attempts` counts the first attempt, so 1 means never again. The pause before the second one is `initial`, and
    grows by `factor` each time up to `max`; the share `jitter` of it is spread. No attempt is due later than `max_age`
    after the time for which the run was due.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: Annotated[int, Field(ge=1, le=100)] = 1
    initial: Pause = parse_duration("PT10S")
    factor: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)] = 2.0
    max: Pause = parse_duration("PT1H")
    jitter: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1
    max_age: Annotated[PositiveDuration, AfterValidator(_an_age)] = parse_duration("P1D")


_DEFAULTS: Final = (Misfire(), Retry(), "allow", None, ())


class Task(BaseModel):
    """A task as users send it.

    `payload` is any JSON value of at most 64 KiB; `timeout` bounds one attempt; `name` defaults to the id, and is one
    visible line as each of the `tags` is; `retry`
    decides whether a failed run is tried again; `overlap` what becomes of a run that is due while another one of the
    task is unfinished; `max_consecutive_failures` after how many failed runs in a row it is paused (absent: never);
    `misfire` what becomes of late occurrences; `then` which other tasks are started when one of its runs has ended for
    good; `notify` who is told when the task fails, is late and so on; `paused` left out keeps what it was (false for a
    new task).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: TaskId
    name: Name = ""
    description: Description = ""
    tags: Tags = ()
    schedule: Schedule
    handler: Annotated[str, StringConstraints(min_length=1, max_length=100)] = "default"
    payload: JsonValue = None
    timeout: PositiveDuration = parse_duration("PT1M")
    retry: Annotated[Retry, Field(exclude_if=_is_default)] = Retry()
    overlap: Annotated[Overlap, Field(exclude_if=_is_default)] = "allow"
    max_consecutive_failures: Annotated[int | None, Field(ge=1, le=MAX_FAILURES, exclude_if=_is_default)] = None
    misfire: Annotated[Misfire, Field(exclude_if=_is_default)] = Misfire()
    then: Annotated[Successors, Field(exclude_if=_is_default)] = ()
    notify: Annotated[Notified, Field(exclude_if=_is_default)] = ()
    paused: bool | None = None


HandlerCheck = Callable[[str, JsonValue], list[FieldError]]
"""What is wrong with a handler's name and a payload for it; pointers are from the task."""


def parse_task(data: Mapping[str, Any], check: HandlerCheck = payload_errors) -> Task:
    """The task that `data` describes. Raises InvalidInput naming every field that is wrong, pointers from the task.

    `check` knows the handlers: by default only the built-in ones.
    """
    errors: list[FieldError] = []
    task: Task | None = None
    try:
        task = Task.model_validate(data)
    except ValidationError as error:
        errors += field_errors(error.errors(include_url=False))
    else:
        errors += successor_errors(task.id, task.then)
        if task.id.startswith(RESERVED_PREFIX):
            errors.append(FieldError(pointer="/id", message=f"begins with {RESERVED_PREFIX}: choose another id"))
    payload, handler = data.get("payload"), data.get("handler", "default")
    errors += size_errors(payload)
    wrong = {e.pointer for e in errors}
    if isinstance(handler, str) and not wrong & {"/handler", "/payload"}:
        errors += check(handler, payload)
    errors += _hash_errors(task) if task else []
    if errors or task is None:
        raise InvalidInput(errors)
    return task if task.name else task.model_copy(update={"name": task.id})


def _hash_errors(task: Task) -> list[FieldError]:
    """Why the values that `H` has for this very task are refused: with what is fixed, they may leave no date."""
    try:
        for_task(task.schedule, task.id)
    except ValueError as error:
        return [FieldError(pointer="/schedule", message=f"for the task {task.id!r}: {error}")]
    return []


def size_errors(payload: JsonValue) -> list[FieldError]:
    """What is wrong with the size of a payload; empty when nothing is."""
    size = len(msgspec.json.encode(payload))
    if size <= MAX_PAYLOAD_BYTES:
        return []
    message = f"{size} bytes of JSON; at most {MAX_PAYLOAD_BYTES} are taken: pass a reference to large data instead"
    return [FieldError(pointer="/payload", message=message)]
