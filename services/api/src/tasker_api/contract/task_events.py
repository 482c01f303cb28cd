"""PURE. The JSON Schema of task events: what producers may send, in each of the three forms.

It can't say everything that holds; what breaks the rest is answered with a `rejected` verdict that names the field.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tasker_core.events.event_data import BackfillData, CancelData, ChangeData, OutcomeData, PutData, RetryData, TriggerData
from tasker_core.events.task_event import ENVELOPE, MAX_EVENT_ID
from tasker_core.messages import Channel, EventType

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
}
OF_EXECUTORS: Final[tuple[EventType, ...]] = ("retry", "outcome")
"""Those that only executors send."""
STRUCTURED: Final = "tasker."
"""The prefix of a CloudEvent's type, and of its schema beside that of the short form."""
_ELSEWHERE: Final = {("PutData", "task"): "task.json", ("RetryData", "run"): "due.json#/$defs/Run"}
_REQUIRED: Final = ("specversion", "type", "source", "id")
"""The attributes that CloudEvents 1.0 requires."""


def schema() -> dict[str, Any]:
    """The data of each type, each type in the short form, and each as a structured CloudEvent."""
    _, found = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(DATA.values())], ref_template="#/$defs/{model}"
    )
    data: dict[str, Any] = found["$defs"]
    for (model, field), place in _ELSEWHERE.items():
        data[model]["properties"][field] = {"$ref": place}
    short = {word: _short(word, data[model.__name__]) for word, model in DATA.items()}
    structured = {STRUCTURED + word: _structured(word, model.__name__) for word, model in DATA.items()}
    return {
        "$defs": data | short | structured,
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in (*short, *structured)],
        "title": "Task event",
    }


def headers(word: EventType) -> dict[str, Any]:
    """The headers of a binary CloudEvent, whose value is the data alone."""
    return {
        "type": "object",
        "properties": {f"ce_{name}": told for name, told in _attributes(word).items()},
        "required": [f"ce_{name}" for name in _REQUIRED],
    }


def _short(word: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data at the top, beside what stands around it. No further field is taken."""
    return dict(data) | {
        "title": word,
        "properties": _envelope({"const": word}) | data["properties"],
        "required": ["type", *data["required"]],
    }


def _structured(word: EventType, model: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": STRUCTURED + word,
        "properties": _attributes(word) | {"data": {"$ref": f"#/$defs/{model}"}},
        "required": [*_REQUIRED, "data"],
    }


def _attributes(word: EventType) -> dict[str, Any]:
    return {"specversion": {"const": "1.0"}} | _envelope({"const": STRUCTURED + word})


def _envelope(type_: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Mapping[str, Any]] = {
        "type": type_,
        "id": {"type": "string", "minLength": 1, "maxLength": MAX_EVENT_ID},
        "channel": {"enum": sorted(get_args(Channel)), "default": "kafka"},
    }
    return {name: {"description": told} | dict(more.get(name, {"type": "string"})) for name, told in ENVELOPE.items()}
