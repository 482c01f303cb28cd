"""Parameters of the built-in handlers: API and ticker reject wrong ones when a task is saved."""

from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from tasker_core.errors import FieldError, field_errors
from tasker_core.handlers.parameters.curl import CurlTarget, CurlUrl
from tasker_core.handlers.parameters.http import HttpCall
from tasker_core.handlers.parameters.kafka import KafkaMessage

_DESCRIPTIONS = {
    "default": "Prints the execution log line in the worker.",
    "curl": 'Makes a GET request to the URL in the payload (a string, or {"url": …}) and records the answer.',
    "http": "Makes the request that the payload describes, and records the answer.",
    "kafka": "Publishes the message in the payload to a topic.",
}
_URL: TypeAdapter[Any] = TypeAdapter(CurlUrl)
_TARGET: TypeAdapter[Any] = TypeAdapter(CurlTarget)
_OBJECTS: dict[str, TypeAdapter[Any]] = {"http": TypeAdapter(HttpCall), "kafka": TypeAdapter(KafkaMessage)}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "default": {},
    "curl": {"anyOf": [_URL.json_schema(), _TARGET.json_schema()]},
    **{name: adapter.json_schema() for name, adapter in _OBJECTS.items()},
}

BUILT_IN = tuple(_DESCRIPTIONS)


def described() -> list[dict[str, Any]]:
    """Every handler with its name, description and the JSON Schema of its payload."""
    return [{"name": n, "description": d, "payload_schema": _SCHEMAS[n]} for n, d in _DESCRIPTIONS.items()]


def payload_errors(handler: str, payload: JsonValue) -> list[FieldError]:
    """What is wrong with a task's handler and payload; empty when nothing is."""
    if handler not in BUILT_IN:
        return [FieldError(pointer="/handler", message=f"unknown handler; choose one of {', '.join(BUILT_IN)}")]
    if handler == "default":
        return []
    if handler == "curl":
        found = _errors(_TARGET if isinstance(payload, dict) else _URL, payload)
        return [error.model_copy(update={"message": f"curl needs a URL: {error.message}"}) for error in found]
    return _errors(_OBJECTS[handler], payload)


def _errors(adapter: TypeAdapter[Any], payload: JsonValue) -> list[FieldError]:
    try:
        adapter.validate_python(payload)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            if detail["type"] == "model_type":
                detail |= {"type": "no_object", "msg": "must be an object; GET /api/v1/handlers has its schema"}
        return [one.model_copy(update={"pointer": f"/payload{one.pointer}"}) for one in field_errors(details)]
    return []
