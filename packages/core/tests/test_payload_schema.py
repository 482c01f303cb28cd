"""Announced schemas: what they say of payloads, and that no schema can harm who checks."""

import json
from typing import Any

import pytest
from pydantic import JsonValue

from tasker_core.handlers.payload_schema import MAX_ERRORS, MAX_MESSAGE, MAX_NODES, PayloadSchema, UnusableSchema

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": {"$ref": "#/$defs/name"}, "tags": {"items": {"type": "string"}}, "a/b": {"type": "null"}},
    "$defs": {"name": {"type": "string", "pattern": "^(a+)+$"}},
}


def schema(content: Any) -> PayloadSchema:
    return PayloadSchema(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("payload", "pointers"),
    [
        ({"name": "aa"}, set[str]()),
        ({"name": "aa", "tags": ["x"]}, set[str]()),
        ({}, {""}),
        (None, {""}),
        ({"name": 3}, {"/name"}),
        ({"name": "aa", "tags": ["x", 1, 2], "a/b": 1}, {"/tags/1", "/tags/2", "/a~1b"}),
        ({"name": "a", "more": 1}, {""}),
    ],
)
def test_each_wrong_place_of_a_payload_is_named(payload: JsonValue, pointers: set[str]) -> None:
    assert {error.pointer for error in schema(PERSON).errors(payload)} == pointers


def test_a_pattern_that_would_backtrack_takes_linear_time_and_its_message_is_short() -> None:
    (error,) = schema(PERSON).errors({"name": "a" * 60_000 + "b"})
    assert error.pointer == "/name"
    assert len(error.message) == MAX_MESSAGE + 1


def test_errors_are_told_up_to_a_number() -> None:
    assert len(schema({"items": {"type": "string"}}).errors(list(range(1000)))) == MAX_ERRORS


def test_numbers_of_any_size_are_checked_or_told() -> None:
    assert schema({"type": "integer"}).errors(10**400) == []
    assert schema({"type": "string"}).errors(10**400) != []


def doubling(levels: int) -> dict[str, Any]:
    """A schema whose references double at each level."""
    found: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": found | {f"d{levels}": {"type": "string"}}}


def nested(depth: int) -> dict[str, Any]:
    return {"items": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (3, "is an object, or true or false"),
        ([], "is an object, or true or false"),
        ({"type": "text"}, "not valid under any"),
        ({"pattern": "(?=look)"}, "regex"),
        ({"pattern": "a{1000}{1000}{100}"}, "patterns of more than"),
        ({"$ref": "https://elsewhere.example/schema.json"}, "refer to a place in the schema"),
        ({"$ref": "file:///etc/passwd"}, "refer to a place in the schema"),
        ({"$ref": "#name", "$defs": {"x": {"$anchor": "name"}}}, "refer to a place in the schema"),
        ({"$ref": "#/$defs/no"}, "leads nowhere"),
        ({"$ref": "#/$defs/a%62", "$defs": {"a%62": {}, "ab": {}}}, "refer to a place in the schema"),
        ({"$ref": "#"}, "refers back to itself"),
        ({"$ref": ""}, "refer to a place in the schema"),
        ({"properties": {"child": {"$ref": "#"}}}, "refers back to itself"),
        ({"$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}, "refers back to itself"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, "refers back to itself"),
        ({"$dynamicRef": "#x"}, "is not taken here"),
        ({"properties": {"a": {"$id": "https://other.example/"}}}, "is not taken here"),
        ({"$schema": "https://mine.example/draft"}, "meta-schema"),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, "draft 4"),
        (doubling(12), f"more than {MAX_NODES}"),
        (nested(100), "nested more than"),
        ({"description": "x" * 70_000}, "at most 65536"),
    ],
)
def test_what_may_harm_is_unusable(content: Any, says: str) -> None:
    with pytest.raises(UnusableSchema, match=says):
        schema(content)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 60_000, b"nul"])
def test_what_is_no_json_is_unusable(raw: bytes) -> None:
    with pytest.raises(UnusableSchema):
        PayloadSchema(raw)


@pytest.mark.parametrize(
    "content",
    [
        True,
        {},
        {"$id": "https://mine.example/schema", "$schema": "http://json-schema.org/draft-07/schema#", "minimum": 1},
        {"examples": [{"id": "x", "$anchor": "y"}]},
        doubling(6),
    ],
)
def test_what_is_harmless_is_taken(content: Any) -> None:
    assert schema(content).errors("text") == []
