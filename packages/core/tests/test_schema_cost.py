"""No announced schema can hold up who checks payloads: what might take long is refused, and told so."""

import json
from random import Random
from time import process_time
from typing import Any, Final

import pytest
from pydantic import JsonValue

from tasker_core.handlers.pattern_cost import MOST, pattern_places
from tasker_core.handlers.payload_schema import PayloadSchema, UnusableSchema

SECONDS: Final = 0.05
"""Some 10 ms on an idle machine; unbounded, each of these took from 50 ms to minutes."""
ZEROS: Final[list[JsonValue]] = [0] * 32_000
KEYS: Final[dict[str, JsonValue]] = {f"k{number}": 1 for number in range(6_000)}
LETTERS: Final = "".join(Random(1).choices("ab", k=60_000))


def nested_unevaluated(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"properties": {"a": True}}
    for _ in range(levels):
        found = {"unevaluatedProperties": False, "allOf": [found]}
    return found


HOSTILE: Final[dict[str, tuple[Any, Any]]] = {
    "many schemas for each item": ({"items": {"allOf": [{"minimum": -1}] * 900}}, ZEROS),
    "many errors in each item": ({"items": {"anyOf": [{"minimum": 1}] * 900}}, ZEROS),
    "conditions": ({"items": {"if": {"anyOf": [{"const": 9}] * 400}, "then": False}}, ZEROS),
    "fractions": ({"items": {"allOf": [{"multipleOf": 0.0001}] * 900}}, [1e15 + 0.5] * 5_000),
    "large enums": ({"items": {"enum": [[n] for n in range(900)]}}, [[0]] * 12_000),
    "large enums by reference": (
        {"allOf": [{"$ref": "#/$defs/e"}] * 400, "$defs": {"e": {"enum": list(range(8_000))}}},
        -1,
    ),
    "names that look like words": (
        {"properties": {"items": {"properties": {"items": {"items": {"allOf": [{"minimum": -1}] * 900}}}}}},
        {"items": {"items": ZEROS}},
    ),
    "patterns of names": ({"patternProperties": {f"x{n}$": True for n in range(900)}}, KEYS),
    "nested unevaluated": (nested_unevaluated(25), {"a": 1}),
    "unevaluated beside many": (
        {"unevaluatedProperties": False, "anyOf": [{"properties": {f"k{n}": True}} for n in range(450)]},
        KEYS,
    ),
    "unique items": ({"uniqueItems": True}, [[n] for n in range(8_000)]),
    **{
        f"pattern {pattern}": ({"pattern": pattern}, LETTERS)
        for pattern in ("[ab]*a[ab]{200}[^ab]", "(?:a?){200}[ab]{200}[^ab]", "([ab]{0,50}){0,20}[^ab]", "(a+)+$")
    },
    "compiled for long": ({"pattern": r"(?:\\p{L}?){600}\\p{L}{600}"}, "x"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_schema_is_refused_or_checked_at_once(name: str) -> None:
    content, payload = HOSTILE[name]
    text = json.dumps(content).encode()
    begun = process_time()
    try:
        schema = PayloadSchema(text)
    except UnusableSchema:
        schema = None
    made = process_time()
    assert made - begun < SECONDS
    if schema is not None:
        schema.errors(payload)
        assert process_time() - made < SECONDS


@pytest.mark.parametrize(
    ("content", "payload"),
    [
        ({"items": {"required": ["a"], "properties": {"a": {"type": "string"}}}}, [{"a": "x"}] * 2_000),
        ({"properties": {f"k{n}": {"type": "string"} for n in range(300)}}, {f"k{n}": "x" * 40 for n in range(300)}),
        ({"type": "string", "pattern": "^https?://"}, "https://" + "x" * 60_000),
        ({"properties": {f"k{n}": {"pattern": "^[a-z]{1,20}$"} for n in range(60)}}, {"k1": "abc", "k2": "z" * 20}),
        ({"items": {"type": "number", "minimum": 0}}, [1.5] * 8_000),
        ({"enum": [f"option {n}" for n in range(3_000)]}, "option 2999"),
    ],
)
def test_what_people_write_is_checked(content: Any, payload: JsonValue) -> None:
    assert PayloadSchema(json.dumps(content).encode()).errors(payload) == []


def test_a_payload_that_is_too_much_for_its_schema_is_told_so() -> None:
    schema = PayloadSchema(json.dumps({"items": {"allOf": [{"minimum": -1}] * 100}}).encode())
    few: list[JsonValue] = [0] * 100
    assert schema.errors(few) == []
    (error,) = schema.errors(ZEROS)
    assert (error.pointer, "too many values" in error.message) == ("", True)


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("^https://example\\.com/", 1),
        ("[a-z]+", 1),
        ("^[\\w.+-]+@[\\w-]+\\.[a-z]{2,}$", 5),
        ("a{200}", 200),
        ("(ab|cd)", 5),
        ("([ab]{0,50}){0,20}c", 1_000),
        ("(((a{99}){99}){99}){99}", MOST),
        ("[^]]{3}", 3),
        ("(a", 1),
        ("a)", 0),
    ],
)
def test_places_of_patterns(pattern: str, places: int) -> None:
    assert pattern_places(pattern) == places
