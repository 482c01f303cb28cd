"""PURE. What holds for every operation of the OpenAPI document, and what FastAPI can't know of it."""

from collections.abc import Mapping
from typing import Any, Final

PROBLEM: Final = "application/problem+json"
JSON: Final = "application/json"
_ERRORS: Final = frozenset({"4XX", "503"})
_SAYS_IT: Final = frozenset({"enum", "const", "pattern", "format", "minLength"})
"""What says by itself that an empty text is none of the values."""
IF_NONE_MATCH: Final[Mapping[str, Any]] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "the ETag of an answer that you have: 304 while it would be the same again",
    "schema": {"type": "string"},
}
NOT_MODIFIED: Final[Mapping[str, Any]] = {"description": "Nothing has changed since the answer with this ETag"}
_RETRY_AFTER: Final[Mapping[str, Any]] = {
    "description": "after how many seconds it may be tried again",
    "schema": {"type": "integer", "minimum": 0},
}
_ETAG: Final[Mapping[str, Any]] = {
    "description": "of this very answer (weak). Of a task or a calendar it begins with the version, for `If-Match`",
    "required": True,
    "schema": {"type": "string"},
}
_LOCATION: Final[Mapping[str, Any]] = {"description": "where to look", "schema": {"type": "string"}}


def describe_operation(method: str, operation: dict[str, Any]) -> None:
    """Complete an operation of the document in place."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] in ("query", "header"):
            parameter["schema"] = _sent_in_url(parameter["schema"])
    responses = operation["responses"]
    for status, response in responses.items():
        headers = dict[str, Any]()
        if status in _ERRORS:
            response["content"] = {PROBLEM: response["content"][JSON]}
            headers["Retry-After"] = _RETRY_AFTER
        if status in ("201", "202"):
            headers["Location"] = _LOCATION
        if method == "get" and status == "200" and list(response["content"]) == [JSON]:
            headers["ETag"] = _ETAG
        if headers:
            response["headers"] = headers
    if method == "get" and list(responses["200"].get("content", ())) == [JSON]:  # what has several types is a stream
        operation.setdefault("parameters", []).append(dict(IF_NONE_MATCH))
        responses["304"] = dict(NOT_MODIFIED)


def _sent_in_url(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: of texts none is empty, and none is null, which is to leave it out."""
    found = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    if "anyOf" in found:
        kinds = [one for one in found.pop("anyOf") if one != {"type": "null"}]
        found |= kinds[0] if len(kinds) == 1 else {"anyOf": [_sent_in_url(one) for one in kinds]}
    if "items" in found:
        found["items"] = _sent_in_url(found["items"])
    if found.get("type") == "string" and not found.keys() & _SAYS_IT:
        found["minLength"] = 1
    return found
