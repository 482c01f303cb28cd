"""PURE. JSON Schemas that somebody else wrote (with text_pattern.py, the only file that knows jsonschema-rs).

What they may cost is bounded, since they are checked where runs are decided, and nothing else is done meanwhile: a
schema has at most MAX_BYTES and, with every reference followed, MAX_NODES objects and MAX_VALUES values; references
stay inside it (nothing is ever fetched) and never come back to where they are; patterns are of the kind that takes
linear time (no look-around, no back-references), and small. What a payload may take is known beforehand
(schema_cost.py): one that might take longer than some 10 ms is refused without looking.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final, cast

import jsonschema_rs
import msgspec
from pydantic import JsonValue

from tasker_core.errors import FieldError, TaskerError, pointer
from tasker_core.handlers.schema_cost import NOT_APPLIED, UNEVALUATED, NodeKind, SchemaCost, SchemaPlace, kind_below

MAX_BYTES: Final = 64 * 1024
MAX_NODES: Final = 1_000
MAX_DEPTH: Final = 60
MAX_ERRORS: Final = 20
MAX_MESSAGE: Final = 300
MAX_VALUES: Final = 20_000
MAX_PLACES: Final = 2_000
"""Of all patterns together: making them ready takes longer the more there are."""
MAX_WORK: Final = 50_000
"""Units of some 0.15 µs."""
MAX_EXPLAINED_WORK: Final = 4_000
"""Telling what is wrong takes the library far longer than finding that something is."""
_PATTERN_BYTES: Final = 256 * 1024
_CACHE_BYTES: Final = 1024 * 1024
_OTHER_WAYS: Final = ("$dynamicRef", "$recursiveRef")
_ROOT_ONLY: Final = ("$id", "$schema")


class UnusableSchema(TaskerError):
    """The JSON Schema is none, or may cost too much to check; the message gives the reason and the way out."""


class PayloadSchema:
    """A JSON Schema (the draft that its `$schema` names, 2020-12 by default). Raises UnusableSchema."""

    def __init__(self, schema: bytes) -> None:
        if len(schema) > MAX_BYTES:
            raise UnusableSchema(f"{len(schema)} bytes; at most {MAX_BYTES} are taken")
        try:
            content = msgspec.json.decode(schema)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise UnusableSchema(f"not JSON: {error}") from None
        if not isinstance(content, dict | bool):
            raise UnusableSchema("a JSON Schema is an object, or true or false")
        content = cast("dict[str, Any] | bool", content)
        self._cost = _bounded_cost(content)
        options = jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_CACHE_BYTES)
        try:
            made = jsonschema_rs.validator_for(content, retriever=_fetch_nothing, pattern_options=options)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise UnusableSchema(_cut(getattr(error, "message", str(error)))) from None
        self._validator = made

    def errors(self, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a payload, the first MAX_ERRORS of it; pointers are from the payload."""
        work = self._cost.of(payload, MAX_WORK)
        if work.total > MAX_WORK:
            return [FieldError(pointer="", message=_TOO_MUCH)]
        try:
            if self._validator.is_valid(payload):
                return []
            if work.of_values > MAX_EXPLAINED_WORK:
                return [FieldError(pointer="", message=_NOT_EXPLAINED)]
            found = islice(self._validator.iter_errors(payload), MAX_ERRORS)
            return [FieldError(pointer=pointer(e.instance_path), message=_cut(e.message)) for e in found]
        except ValueError as error:  # such as an integer that is larger than the library can take
            return [
                FieldError(pointer="", message=f"can't be checked against the handler's schema: {_cut(str(error))}")
            ]


_TOO_MUCH: Final = (
    "has too many values, or too long texts, to be checked against the handler's schema, which looks at many of them "
    "often: pass a reference to large data instead, or have the handler announce a simpler schema"
)
_NOT_EXPLAINED: Final = "is not as the handler's schema says; it has too many values for telling which"


def _fetch_nothing(uri: str) -> Any:
    raise ValueError(f"{uri[:200]} is not in the schema, and nothing is fetched")


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"


def _bounded_cost(schema: Any) -> SchemaCost:
    """What a schema may cost, with all references followed. Raises UnusableSchema.

    Everything in it counts, whether it is a schema or, say, an example: so nothing can hide. What would make a
    reference mean another place for the library than here is refused.
    """
    cost, nodes, values = SchemaCost(), 0, 0

    def walk(
        node: Any,
        open_references: tuple[str, ...],
        depth: int,
        place: SchemaPlace,
        unevaluated: bool,
        kind: NodeKind = "schema",
    ) -> None:
        nonlocal nodes, values
        nodes += 1
        values += len(node) + 1
        if nodes > MAX_NODES:
            raise UnusableSchema(f"more than {MAX_NODES} objects and lists when its references are followed")
        if values > MAX_VALUES:
            raise UnusableSchema(f"more than {MAX_VALUES:,} values when its references are followed")
        if depth > MAX_DEPTH:
            raise UnusableSchema(f"nested more than {MAX_DEPTH} deep")
        if not isinstance(node, dict):
            cost.values[place.all_of] += (1 + len(node)) * place.factor
            for child in node:
                if isinstance(child, dict | list):
                    walk(child, open_references, depth + 1, place, unevaluated, kind)
            return
        named = cast("dict[str, Any]", node)
        _refuse_words(named, depth)
        if UNEVALUATED & named.keys():
            if unevaluated:
                raise UnusableSchema("unevaluatedItems or unevaluatedProperties within one another are not taken")
            unevaluated, place = True, place.of_unevaluated()
        cost.add(named, place)
        if cost.places > MAX_PLACES:
            raise UnusableSchema(f"patterns of more than {MAX_PLACES:,} characters with their counts written out")
        if isinstance(reference := named.get("$ref"), str):
            if reference in open_references:
                raise UnusableSchema(f"{reference} refers back to itself, which is not taken")
            walk_at(reference, open_references, depth, place, unevaluated)
        for word, child in named.items():
            if isinstance(child, dict | list):
                inside = kind_below(kind, word)
                at = place.below(word) if kind == "schema" else place
                walk(child, open_references, depth + 1, at, unevaluated and word not in NOT_APPLIED, inside)

    def walk_at(reference: str, opened: tuple[str, ...], depth: int, place: SchemaPlace, unevaluated: bool) -> None:
        found = _at(schema, reference)
        if isinstance(found, dict | list):
            walk(found, (*opened, reference), depth + 1, place, unevaluated)

    if isinstance(schema, dict):
        walk(schema, ("#",), 0, SchemaPlace(), unevaluated=False)
    return cost


def _refuse_words(node: Mapping[str, Any], depth: int) -> None:
    for word in _OTHER_WAYS if depth == 0 else (*_OTHER_WAYS, *_ROOT_ONLY):
        if isinstance(node.get(word), str):
            raise UnusableSchema(f"{word} is not taken here; refer to places as in #/$defs/name")
    if depth == 0 and "draft-04" in str(node.get("$schema")):
        raise UnusableSchema("draft 4 is not taken: use draft 6 or newer")


def _at(schema: Any, reference: str) -> Any:
    """The place that a reference names (RFC 6901). Raises UnusableSchema."""
    if not reference.startswith("#/") or "%" in reference:
        raise UnusableSchema(f"$ref {reference[:200]!r}: refer to a place in the schema, as in #/$defs/name")
    found = schema
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = cast("dict[str, Any]", found)[name]
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(cast("list[Any]", found)):
            found = cast("list[Any]", found)[int(name)]
        else:
            raise UnusableSchema(f"$ref {reference[:200]!r} leads nowhere")
    return found
