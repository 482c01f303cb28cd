"""What breaks those who keep to the contract of an earlier release is found, and nothing else is called a break."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, cast

import pytest

from tasker_contract.compatibility.message_changes import message_breaks
from tasker_contract.compatibility.released import breaks
from tasker_contract.compatibility.rest_changes import rest_breaks
from tasker_contract.compatibility.schema_changes import Located, SchemaComparison, Side, within
from tests.contract.asyncapi_document import FOLDER, SCHEMAS, document

Json = dict[str, Any]
OPENAPI: Json = json.loads((FOLDER / "openapi.json").read_text())
TOPICS: Json = document()
FILES = {f"schemas/{name}": schema for name, schema in SCHEMAS.items()}
TEXT, NUMBER, NULL = {"type": "string"}, {"type": "number"}, {"type": "null"}
WHOLE_NUMBER = {"type": "integer"}


def of(required: tuple[str, ...] = (), *, closed: bool = False, **fields: Json) -> Json:
    """An object with these fields."""
    found: Json = {"type": "object", "properties": fields, "required": list(required)}
    return found | {"additionalProperties": False} if closed else found


def broken(side: Side, old: Json, new: Json) -> list[str]:
    pair = Located(old, within(old)), Located(new, within(new))
    return [str(one) for one in SchemaComparison(side).breaks(*pair, "it")]


NARROWER: list[tuple[Json, Json]] = [
    (TEXT, WHOLE_NUMBER),
    (NUMBER, WHOLE_NUMBER),
    ({}, TEXT),
    ({"anyOf": [TEXT, NULL]}, TEXT),
    ({"type": ["string", "null"]}, TEXT),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    (TEXT, {"type": "string", "enum": ["a"]}),
    ({"const": "a"}, {"const": "b"}),
    ({"type": "string", "maxLength": 10}, {"type": "string", "maxLength": 9}),
    (TEXT, {"type": "string", "minLength": 1}),
    (TEXT, {"type": "string", "pattern": "^a"}),
    (TEXT, {"type": "string", "format": "date-time"}),
    ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": "array", "items": NUMBER}, {"type": "array", "items": WHOLE_NUMBER}),
    ({"type": "array"}, {"type": "array", "maxItems": 5}),
    (of(a=TEXT), of(("a",), a=TEXT)),
    (of(a=TEXT), of(("b",), a=TEXT, b=TEXT)),
    (of(a=TEXT), of(a=TEXT, closed=True)),
    (of(a=TEXT, b=TEXT, closed=True), of(a=TEXT, closed=True)),
    (of(a=of(b=TEXT)), of(a=of(("b",), b=TEXT))),
    ({"anyOf": [of(kind={"const": "a"}), of(kind={"const": "b"})]}, {"anyOf": [of(kind={"const": "a"})]}),
]
"""What is sent: the old was taken, and is no more."""
OTHER: list[tuple[Json, Json]] = [
    (TEXT, WHOLE_NUMBER),
    (WHOLE_NUMBER, NUMBER),
    (TEXT, {}),
    (TEXT, {"anyOf": [TEXT, NULL]}),
    ({"enum": ["a", "b"]}, TEXT),
    (of(a=TEXT), of(b=TEXT)),
    (of(("a",), a=TEXT), of(a=TEXT)),
    (of(a=of(b=TEXT)), of(a=of())),
    ({"type": "array", "items": WHOLE_NUMBER}, {"type": "array", "items": TEXT}),
    ({"anyOf": [of(kind={"const": "a"}, n=TEXT)]}, {"anyOf": [of(kind={"const": "a"}, n=NUMBER)]}),
    (of(a=of(b=TEXT)), of(a={"anyOf": [of(b=TEXT), NULL]})),
]
"""What is written: those who read the old can't read the new."""
SAFE: list[tuple[Side, Json, Json]] = [
    *((Side.SENT, new, old) for old, new in NARROWER[1:] if "const" not in old),
    (Side.SENT, of(("a",), a=TEXT, closed=True), of(a=TEXT, b=TEXT, closed=True)),
    (Side.WRITTEN, of(("a",), a=TEXT), of(("a", "b"), a=TEXT, b=TEXT)),
    (Side.WRITTEN, NUMBER, WHOLE_NUMBER),
    (Side.WRITTEN, {"enum": ["a"]}, {"enum": ["a", "b"]}),
    (Side.WRITTEN, {"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 9}),
    (Side.WRITTEN, {"anyOf": [of(k={"const": "a"})]}, {"anyOf": [of(k={"const": "a"}), of(k={"const": "b"}, c=TEXT)]}),
]


@pytest.mark.parametrize(("old", "new"), NARROWER)
def test_what_was_taken_and_is_no_more_is_a_break(old: Json, new: Json) -> None:
    assert broken(Side.SENT, old, new)


@pytest.mark.parametrize(("old", "new"), OTHER)
def test_what_old_readers_can_not_read_is_a_break(old: Json, new: Json) -> None:
    assert broken(Side.WRITTEN, old, new)


@pytest.mark.parametrize(("side", "old", "new"), SAFE)
def test_what_is_added_or_taken_besides_is_none(side: Side, old: Json, new: Json) -> None:
    assert not broken(side, old, new)


def test_the_contract_of_the_last_release_still_holds() -> None:
    assert not breaks(FOLDER)


def test_no_document_breaks_itself() -> None:
    assert not rest_breaks(OPENAPI, deepcopy(OPENAPI))
    assert not message_breaks(TOPICS, FILES, TOPICS, FILES)


def refer(found: object, names: set[str]) -> set[str]:
    """The components that a part refers to, those of these too."""
    if isinstance(found, list):
        for one in cast("list[object]", found):
            refer(one, names)
    elif isinstance(found, Mapping):
        part = cast("Json", found)
        if isinstance(name := part.get("$ref"), str) and (name := name.rpartition("/")[2]) not in names:
            names.add(name)
            refer(OPENAPI["components"]["schemas"][name], names)
        for one in part.values():
            refer(one, names)
    return names


def operations() -> Iterator[Json]:
    return (operation for path in OPENAPI["paths"].values() for operation in path.values())


ANSWERED = sorted(refer([operation["responses"] for operation in operations()], set()))
SENT = sorted(refer([operation.get("requestBody", {}) for operation in operations()], set()))


def fields(name: str) -> list[str]:
    return list(OPENAPI["components"]["schemas"][name].get("properties", {}))


def changed(name: str, field: str, change: Callable[[Json, str], Any]) -> Json:
    """The document with one field of a component changed."""
    schemas = dict(OPENAPI["components"]["schemas"])
    schemas[name] = deepcopy(schemas[name])
    change(schemas[name], field)
    return {**OPENAPI, "components": {"schemas": schemas}}


def remove(schema: Json, field: str) -> None:
    del schema["properties"][field]
    schema["required"] = [one for one in schema.get("required", ()) if one != field]


def require(schema: Json, field: str) -> None:
    schema["required"] = [*schema.get("required", ()), field]


@pytest.mark.parametrize("name", ANSWERED)
def test_each_field_of_an_answer_that_goes_is_found(name: str) -> None:
    for field in fields(name):
        found = rest_breaks(OPENAPI, changed(name, field, remove))
        assert any(one.place.endswith(f"/{field}") or "which it never was" in one.reason for one in found), field


@pytest.mark.parametrize("name", SENT)
def test_each_field_of_a_request_that_becomes_required_is_found(name: str) -> None:
    schema = OPENAPI["components"]["schemas"][name]
    for field in set(fields(name)) - set(schema.get("required", ())):
        assert rest_breaks(OPENAPI, changed(name, field, require)), field


def test_each_operation_and_parameter_that_goes_is_found() -> None:
    for path, operations_of in OPENAPI["paths"].items():
        for method, operation in operations_of.items():
            alone = {**OPENAPI, "paths": {path: {method: operation}}}
            assert [one.reason for one in rest_breaks(alone, {**alone, "paths": {}})] == ["is gone"]
            for number, parameter in enumerate(operation.get("parameters", ())):
                fewer = operation["parameters"][:number] + operation["parameters"][number + 1 :]
                (found,) = rest_breaks(alone, {**alone, "paths": {path: {method: {**operation, "parameters": fewer}}}})
                assert (found.reason, parameter["name"] in found.place) == ("is taken no more", True)


def test_each_message_that_goes_or_moves_is_found() -> None:
    for name, channel in TOPICS["channels"].items():
        for word in () if name == "ticker-state" else channel["messages"]:
            later = deepcopy(TOPICS)
            del later["channels"][name]["messages"][word]
            (found,) = message_breaks(TOPICS, FILES, later, FILES)
            assert found.place == f"{name} {word}"
    later = deepcopy(TOPICS)
    later["channels"]["results"]["bindings"]["kafka"]["partitions"] = 13
    later["channels"]["verdicts"]["address"] = "elsewhere"
    assert len(message_breaks(TOPICS, FILES, later, FILES)) == 2


def test_each_field_of_a_verdict_that_goes_or_becomes_required_is_found() -> None:
    verdict = FILES["schemas/verdicts.json"]["$defs"]["Verdict"]
    for field in verdict["properties"]:
        for change in (remove, *(() if field in verdict.get("required", ()) else (require,))):
            later = deepcopy(FILES)
            change(later["schemas/verdicts.json"]["$defs"]["Verdict"], field)
            assert message_breaks(TOPICS, FILES, TOPICS, later), (field, change.__name__)
