"""The data of task events as producers send it, checked; unknown fields are refused. Instants become epoch seconds."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from tasker_core.calendars.calendar import CalendarName
from tasker_core.errors import FieldError, InvalidInput, at_most, field_errors, in_words
from tasker_core.ids import RUN_ID_PATTERN, TaskId
from tasker_core.messages.runs import Outcome, Run, decode_run
from tasker_core.time.instant import parse_ms
from tasker_core.time.local_time import parse_instant
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME

MAX_TIMES: Final = 1000
DEFAULT_RATE: Final = 600
MAX_RATE: Final = 60_000
MAX_REPORTED_BYTES: Final = 64 * 1024
"""Of the result in a report: it travels with the run, whose payload may be as large."""

MAX_RUN_BYTES: Final = 256 * 1024
"""Of a run that an executor sends back; what is kept of it must fit a record."""

_MAX_INSTANT: Final = 40
_PATH: Final = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)


def _second(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("give an instant such as 2026-12-24T18:00:00+01:00")
    return parse_instant(value.strip(), None)[0]


def _ascending(times: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(times)))


def _instant_ms(text: str) -> int:
    """Epoch milliseconds. Raises ValueError for what is no instant, or none that Tasker can have written."""
    ms = parse_ms(text)
    if not BEGIN_OF_TIME * 1000 <= ms < END_OF_TIME * 1000:
        raise ValueError("the year is not within 1970 to 2199")
    return ms


def _instant(value: str) -> str:
    try:
        if len(value) > _MAX_INSTANT:  # it is kept as it is
            raise ValueError
        _instant_ms(value)
    except ValueError:
        raise ValueError("is no instant; give one such as 2026-12-24T18:00:00.000Z") from None
    return value


def _reportable(result: JsonValue) -> JsonValue:
    if (size := len(msgspec.json.encode(result))) > MAX_REPORTED_BYTES:
        raise ValueError(f"has {size} bytes of JSON; at most {MAX_REPORTED_BYTES // 1024} KiB fit: report a reference")
    return result


Second = Annotated[int, BeforeValidator(_second), WithJsonSchema({"type": "string", "format": "date-time"})]
InstantText = Annotated[str, AfterValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Times = Annotated[
    tuple[Second, ...], Field(min_length=1, max_length=MAX_TIMES), AfterValidator(_ascending), at_most(MAX_TIMES)
]
_NO_RUN_ID: Final = "is no id of a run: these have 32 of the characters 0-9 and a-f"
RunId = Annotated[str, StringConstraints(pattern=RUN_ID_PATTERN), in_words(RUN_ID_PATTERN, _NO_RUN_ID)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PutData(_Data):
    """`put` a task: the whole of it, new, or instead of the current one; `note` is the reason, for the history."""

    task: dict[str, Any]
    if_version: int | None = Field(default=None, ge=0)
    note: str | None = Field(default=None, max_length=1000)


class ChangeData(_Data):
    """`delete` a task, `pause` it, or `resume` it."""

    task_id: TaskId
    if_version: int | None = Field(default=None, ge=0)
    note: str | None = Field(default=None, max_length=1000)


class CalendarData(_Data):
    """`calendar`: the whole of a calendar, new, or instead of the current one."""

    calendar: dict[str, Any]
    if_version: int | None = Field(default=None, ge=0)
    note: str | None = Field(default=None, max_length=1000)


class CalendarDeleteData(_Data):
    """`calendar-delete`: a calendar by its name. Tasks that use it keep its days; no other task can use it."""

    calendar: CalendarName
    if_version: int | None = Field(default=None, ge=0)
    note: str | None = Field(default=None, max_length=1000)


class TriggerData(_Data):
    """`trigger`: a run now, with `payload` instead of the task's; `note` is the reason, for the journal."""

    task_id: TaskId
    payload: JsonValue = None
    note: str | None = Field(default=None, max_length=1000)


class BackfillData(_Data):
    """`backfill`: the nominal times in [start, end), or those listed in `times`; `rate` in runs a minute."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["start", "end"]}, {"required": ["times"]}]})

    task_id: TaskId
    rate: int = Field(default=DEFAULT_RATE, ge=1, le=MAX_RATE)
    start: Second | None = None
    end: Second | None = None
    times: Times | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.times is None) == (self.start is None and self.end is None):
            raise ValueError("give either start and end, or times")
        if self.times is None and (self.start is None or self.end is None):
            raise ValueError("give both start and end: the nominal times from start up to, without, end")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("the end must be later than the start")
        return self


class CancelData(_Data):
    """`cancel`: one run, or all unfinished ones of the task."""

    task_id: TaskId
    run_id: RunId | None = None


class RetryData(_Data):
    """`retry`, from executors: the whole run as they had it, the next attempt, and when it is due."""

    run: dict[str, Any]
    attempt: int = Field(ge=2, le=1000)
    retry_at: Second


class WaitData(_Data):
    """`wait`, from executors: the whole run as they had it, whose attempt ends by a report, at the latest `until`.

    `received_at` and `started_at` are those of the attempt, `lane` is where it was read.
    """

    run: dict[str, Any]
    until: Second
    received_at: InstantText
    started_at: InstantText
    lane: Literal["live", "background"] = "live"


class OutcomeError(_Data):
    """Why a run failed: a word for programs, a sentence for people."""

    kind: str = Field(max_length=200)
    message: str = Field(max_length=10_000)


class OutcomeData(_Data):
    """`outcome`, from executors: how a run has ended for good, where its policy asks for that."""

    task_id: TaskId
    run_id: str = Field(min_length=1, max_length=64)
    generation: int = Field(ge=1)
    version: int = Field(ge=1)
    effective_at: Second
    outcome: Outcome
    error: OutcomeError | None = None


class ReportError(_Data):
    """Why an attempt failed: a sentence for people, and if there is one, a word for programs."""

    message: str = Field(max_length=10_000)
    kind: str = Field(default="reported", min_length=1, max_length=100)


class ReportContent(_Data):
    """How an attempt has ended: without a word it succeeded. `result` has at most 64 KiB of JSON."""

    outcome: Literal["succeeded", "failed"] = "succeeded"
    result: Annotated[JsonValue, AfterValidator(_reportable)] = None
    error: ReportError | None = None

    @model_validator(mode="after")
    def _error_of_a_failure(self) -> Self:
        if self.error is not None and self.outcome == "succeeded":
            raise ValueError('an error goes with "outcome": "failed"')
        return self


class ReportData(ReportContent):
    """`report`: how an attempt has ended that waits for its callback. The first report counts."""

    task_id: TaskId
    run_id: RunId
    attempt: int = Field(ge=1, le=1000)


D = TypeVar("D", bound=BaseModel)


def validated(model: type[D], data: Mapping[str, Any]) -> D:
    """The data, checked. Raises InvalidInput."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.errors(include_url=False))) from None


class _Carrier(msgspec.Struct):
    run: msgspec.Raw


class _Envelope(msgspec.Struct):
    data: _Carrier


def _carried_run(value: bytes) -> msgspec.Raw:
    return msgspec.json.decode(value, type=_Carrier).run


def extract_run(value: bytes, *, structured: bool) -> Run:
    """The run inside an event, its payload byte for byte as it was. Raises InvalidInput."""
    try:
        run = msgspec.json.decode(value, type=_Envelope).data.run if structured else _carried_run(value)
        if (size := len(bytes(run))) > MAX_RUN_BYTES:
            message = f"has {size} bytes; no run has more than {MAX_RUN_BYTES}: send it as it was"
            raise InvalidInput([FieldError(pointer="/run", message=message)])
        return decode_run(bytes(run))
    except msgspec.ValidationError as error:
        match = _PATH.fullmatch(str(error))
        assert match is not None, "the pattern matches any text"
        path = (match["path"] or "").replace(".", "/")
        raise InvalidInput([FieldError(pointer=f"/run{path}", message=match["what"])]) from None


def emission_ms(task_id: str, run: Run) -> int:
    """When a run was emitted (epoch milliseconds). Raises InvalidInput when no ticker can have emitted it."""
    errors: list[FieldError] = []
    if run.task_id != task_id:
        errors.append(FieldError(pointer="/run/task_id", message=f"is not the task of the event, {task_id!r}"))
    instants = dict.fromkeys(("nominal_at", "effective_at", "emitted_at"), 0)
    for name in instants:
        try:
            instants[name] = _instant_ms(getattr(run, name))
        except ValueError:
            errors.append(FieldError(pointer=f"/run/{name}", message="is no instant; send the run as it was"))
    if errors:
        raise InvalidInput(errors)
    return instants["emitted_at"]
