"""Parameters of the built-in handlers: API and ticker reject wrong ones when a task is saved."""

from typing import Any

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from tasker_core.errors import FieldError, field_errors


class CurlTarget(BaseModel):
    """What `curl` calls, when the payload is an object."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: AnyHttpUrl


_DESCRIPTIONS = {
    "default": "Prints the execution log line in the worker.",
    "curl": 'Makes a GET request to the URL in the payload (a string, or {"url": …}) and records the answer.',
}
_ANY: TypeAdapter[Any] = TypeAdapter(JsonValue)
_URL: TypeAdapter[Any] = TypeAdapter(AnyHttpUrl)
_TARGET: TypeAdapter[Any] = TypeAdapter(CurlTarget)

BUILT_IN = tuple(_DESCRIPTIONS)


def described() -> list[dict[str, Any]]:
    """Every handler with its name, description and the JSON Schema of its payload."""
    schemas = {"default": {}, "curl": {"anyOf": [_URL.json_schema(), _TARGET.json_schema()]}}
    return [{"name": n, "description": d, "payload_schema": schemas[n]} for n, d in _DESCRIPTIONS.items()]


def payload_errors(handler: str, payload: JsonValue) -> list[FieldError]:
    """What is wrong with a task's handler and payload; empty when nothing is."""
    if handler not in BUILT_IN:
        return [FieldError(pointer="/handler", message=f"unknown handler; choose one of {', '.join(BUILT_IN)}")]
    if handler != "curl":
        return []
    adapter = _TARGET if isinstance(payload, dict) else _URL
    try:
        adapter.validate_python(payload)
    except ValidationError as error:
        found = field_errors(error.errors(include_context=False))
        return [FieldError(pointer="/payload" + e.pointer, message=f"curl needs a URL: {e.message}") for e in found]
    return []


def curl_url(payload: JsonValue) -> str:
    """The URL that a valid `curl` payload names, as it was written."""
    url = payload["url"] if isinstance(payload, dict) else payload
    if not isinstance(url, str):
        raise TypeError("the payload names no URL")
    return url
