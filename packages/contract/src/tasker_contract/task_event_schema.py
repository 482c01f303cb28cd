"""PURE. The JSON Schema of task events: what producers may send, in each of the three forms.

It can't say everything that holds; what breaks the rest is answered with a `rejected` verdict that names the field.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tasker_core.events.chain_event import ChainData
from tasker_core.events.change_set_event import ChangeSetData
from tasker_core.events.envelope import ENVELOPE
from tasker_core.events.event_data import (
    BackfillData,
    CalendarData,
    CalendarDeleteData,
    CancelData,
    ChangeData,
    OutcomeData,
    PutData,
    ReportData,
    RetryData,
    TriggerData,
    WaitData,
)
from tasker_core.events.task_event import MAX_EVENT_ID
from tasker_core.messages.change_sets import MAX_CHANGE_SET_ID
from tasker_core.messages.verdicts import Channel, EventType

DATA: Final[dict[EventType, type[BaseModel]]] = {
    "put": PutData,
    "delete": ChangeData,
    "pause": ChangeData,
    "resume": ChangeData,
    "trigger": TriggerData,
    "backfill": BackfillData,
    "cancel": CancelData,
    "retry": RetryData,
    "outcome": OutcomeData,
    "chain": ChainData,
    "wait": WaitData,
    "report": ReportData,
    "calendar": CalendarData,
    "calendar-delete": CalendarDeleteData,
    "change-set": ChangeSetData,
}
OF_EXECUTORS: Final[tuple[EventType, ...]] = ("retry", "outcome", "chain", "wait")
"""Those that only executors send."""
STRUCTURED: Final = "tasker."
"""The prefix of a CloudEvent's type, and of its schema beside that of the short form."""
_OTHER_FILES: Final = {
    ("PutData", "task"): "task.json",
    ("CalendarData", "calendar"): "calendar.json",
    ("RetryData", "run"): "due.json#/$defs/Run",
    ("WaitData", "run"): "due.json#/$defs/Run",
}
_REQUIRED: Final = ("specversion", "type", "source", "id")
"""The attributes that CloudEvents 1.0 requires."""


TRACE_HEADER: Final[dict[str, Any]] = {
    "traceparent": {"type": "string", "description": "the span that the event comes from (W3C Trace Context)"}
}
TRACE_HEADERS: Final[dict[str, Any]] = {"type": "object", "properties": TRACE_HEADER}


def schema() -> dict[str, Any]:
    """The data of each type, each type in the short form, and each as a structured CloudEvent."""
    _, found = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(DATA.values())], ref_template="#/$defs/{model}"
    )
    data: dict[str, Any] = found["$defs"]
    for (model, field), ref in _OTHER_FILES.items():
        data[model]["properties"][field] = {"$ref": ref}
    short = {event_type: _short(event_type, data[model.__name__]) for event_type, model in DATA.items()}
    structured = {
        STRUCTURED + event_type: _structured(event_type, model.__name__) for event_type, model in DATA.items()
    }
    return {
        "$defs": data | short | structured,
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in (*short, *structured)],
        "title": "Task event",
    }


def headers(event_type: EventType) -> dict[str, Any]:
    """The headers of a binary CloudEvent, whose value is the data alone."""
    return {
        "type": "object",
        "properties": {f"ce_{name}": schema for name, schema in _attributes(event_type).items()} | TRACE_HEADER,
        "required": [f"ce_{name}" for name in _REQUIRED],
    }


def _short(event_type: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data at the top, beside the fields of the envelope. No further field is taken."""
    return dict(data) | {
        "title": event_type,
        "properties": _envelope({"const": event_type}) | data["properties"],
        "required": ["type", *data["required"]],
    }


def _structured(event_type: EventType, model: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": STRUCTURED + event_type,
        "properties": _attributes(event_type) | {"data": {"$ref": f"#/$defs/{model}"}},
        "required": [*_REQUIRED, "data"],
    }


def _attributes(event_type: EventType) -> dict[str, Any]:
    return {"specversion": {"const": "1.0"}} | _envelope({"const": STRUCTURED + event_type})


def _envelope(type_: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Mapping[str, Any]] = {
        "type": type_,
        "id": {"type": "string", "minLength": 1, "maxLength": MAX_EVENT_ID},
        "change_set": {"type": "string", "minLength": 1, "maxLength": MAX_CHANGE_SET_ID},
        "channel": {"enum": sorted(get_args(Channel)), "default": "kafka"},
    }
    return {name: {"description": text} | dict(more.get(name, {"type": "string"})) for name, text in ENVELOPE.items()}
