"""PURE. JSON Schemas that somebody else wrote (with text_pattern.py, the only file that knows jsonschema-rs).

What they may cost is bounded, since they are checked where runs are decided: a schema has at most MAX_BYTES and, with
every reference followed, MAX_NODES objects; references stay inside it (nothing is ever fetched) and never come back to
where they are; patterns are of the kind that takes linear time (no look-around, no back-references).
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, cast

import jsonschema_rs
import msgspec
from pydantic import JsonValue

from tasker_core.errors import FieldError, TaskerError, pointer

MAX_BYTES: Final = 64 * 1024
MAX_NODES: Final = 1_000
MAX_DEPTH: Final = 60
MAX_ERRORS: Final = 20
MAX_MESSAGE: Final = 300
_PATTERN_BYTES: Final = 1024 * 1024
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
        _bound(content)
        options = jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES)
        try:
            made = jsonschema_rs.validator_for(content, retriever=_fetch_nothing, pattern_options=options)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise UnusableSchema(_cut(getattr(error, "message", str(error)))) from None
        self._validator = made

    def errors(self, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a payload, the first MAX_ERRORS of it; pointers are from the payload."""
        try:
            if self._validator.is_valid(payload):
                return []
            found = islice(self._validator.iter_errors(payload), MAX_ERRORS)
            return [FieldError(pointer=pointer(e.instance_path), message=_cut(e.message)) for e in found]
        except ValueError as error:  # such as an integer that is larger than the library can take
            return [
                FieldError(pointer="", message=f"can't be checked against the handler's schema: {_cut(str(error))}")
            ]


def _fetch_nothing(uri: str) -> Any:
    raise ValueError(f"{uri[:200]} is not in the schema, and nothing is fetched")


def _cut(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"


def _bound(schema: Any) -> None:
    """Count the objects of a schema with all references followed. Raises UnusableSchema.

    Everything in it counts, whether it is a schema or, say, an example: so nothing can hide. What would make a
    reference mean another place for the library than here is refused.
    """
    nodes = 0

    def walk(node: Any, open_references: tuple[str, ...], depth: int) -> None:
        nonlocal nodes
        nodes += 1
        if nodes > MAX_NODES:
            raise UnusableSchema(f"more than {MAX_NODES} objects and lists when its references are followed")
        if depth > MAX_DEPTH:
            raise UnusableSchema(f"nested more than {MAX_DEPTH} deep")
        if isinstance(node, dict):
            named = cast("dict[str, Any]", node)
            for word in _OTHER_WAYS if depth == 0 else (*_OTHER_WAYS, *_ROOT_ONLY):
                if isinstance(named.get(word), str):
                    raise UnusableSchema(f"{word} is not taken here; refer to places as in #/$defs/name")
            if depth == 0 and "draft-04" in str(named.get("$schema")):
                raise UnusableSchema("draft 4 is not taken: use draft 6 or newer")
            if isinstance(reference := named.get("$ref"), str):
                if reference in open_references:
                    raise UnusableSchema(f"{reference} refers back to itself, which is not taken")
                walk(_at(schema, reference), (*open_references, reference), depth + 1)
        for child in _children(node):
            walk(child, open_references, depth + 1)

    walk(schema, ("#",), 0)


def _children(node: Any) -> Iterator[Any]:
    """What is in an object or a list. Definitions count where they are referred to, but also on their own."""
    inside: Any = cast("dict[str, Any]", node).values() if isinstance(node, dict) else node
    if isinstance(node, dict | list):
        yield from (child for child in inside if isinstance(child, dict | list))


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
