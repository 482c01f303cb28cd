"""PURE. What one JSON Schema breaks for those who know another one, of the same thing in an earlier release.

Two points of view, since the same change can be harmless or harmful:

- `Side.SENT`, what others send and Tasker reads: whatever was taken must still be taken. So nothing may become
  required, unknown, narrower or bound.
- `Side.WRITTEN`, what Tasker writes and others read: whatever they find now they must find again, and be able to read.
  So no field may go, be left out where it always was, or be of another type or null. New fields, new words of an enum
  and new kinds of objects in a union may come: who reads passes over what he does not know (docs/wire-contract.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple, cast

Schema = Mapping[str, Any]
Resolve = Callable[[str], tuple[Schema, "Resolve"]]
"""What a `$ref` stands for, and how the references in that are resolved."""
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("pattern", "format", "multipleOf", "uniqueItems", "not", "if", "then", "else", "propertyNames")
_ABOUT_VALUES: Final = frozenset({"type", "enum", "const", "properties", "items", "anyOf", "oneOf", "allOf", "$ref"})


class Side(Enum):
    """Who knows the old schema: those who send, or those who read what Tasker has written."""

    SENT = "sent"
    WRITTEN = "written"


class Break(NamedTuple):
    """What is broken: where, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Located(NamedTuple):
    """A schema, and how its references are resolved."""

    schema: Schema
    resolve: Resolve


def within(document: Schema) -> Resolve:
    """Resolves references within a document."""

    def resolve(reference: str) -> tuple[Schema, Resolve]:
        found: Any = document
        for part in filter(None, reference.removeprefix("#").split("/")):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return found, resolve

    return resolve


class SchemaComparison:
    """Compares schemas from one side."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._found = dict[tuple[int, int], list[Break]]()

    def breaks(self, old: Located, new: Located, place: str) -> list[Break]:
        """What the new schema breaks. What is referred to is looked at once, and told where it came first."""
        if "$ref" not in old.schema or "$ref" not in new.schema:
            return self._compared(old, new, place)
        key = id(old.resolve(old.schema["$ref"])[0]), id(new.resolve(new.schema["$ref"])[0])
        if key not in self._found:
            self._found[key] = []  # what it says of itself, further in
            self._found[key] = self._compared(old, new, place)
        return self._found[key]

    def _compared(self, old: Located, new: Located, place: str) -> list[Break]:
        earlier, later = _kinds(old), _kinds(new)
        if self._side is Side.SENT:
            return [one for kind in earlier for one in self._best(kind, later, place, is_old=True)]
        return [one for kind in later for one in self._best(kind, earlier, place, is_old=False)]

    def _best(self, kind: Located, others: Sequence[Located], place: str, *, is_old: bool) -> list[Break]:
        """The breaks of a kind against that of the others which it is, or is most like."""
        found = list[tuple[bool, int, list[Break]]]()
        for other in sorted(others, key=lambda one: not _is_same(kind, one)):
            breaks = self._of_kind(*((kind, other) if is_old else (other, kind)), place)
            if not breaks:
                return []
            found.append((not _is_same(kind, other), len(breaks), breaks))
        least = min(found, key=lambda one: one[:2], default=None)
        objects = [other for other in others if other.schema.get("type") == "object"]
        if not is_old and kind.schema.get("type") == "object" and objects and (least is None or least[0]):
            return []  # a further kind of objects
        if least is None or (least[0] and len(others) > 1):
            what = _shown(kind.schema)
            return [Break(place, f"{what} is taken no more" if is_old else f"may now be {what}, which it never was")]
        return least[2]

    def _of_kind(self, old: Located, new: Located, place: str) -> list[Break]:
        before, after = old.schema.get("type"), new.schema.get("type")
        narrow, wide = (before, after) if self._side is Side.SENT else (after, before)
        if wide is not None and narrow != wide and (narrow, wide) != ("integer", "number"):
            return [Break(place, f"was {before or 'anything'} and is {after or 'anything'}")]
        found = list(self._words(old.schema, new.schema, place))
        if self._side is Side.SENT:
            found += _bounds(old.schema, new.schema, place)
        if before == after == "object":
            found += self._fields(old, new, place)
        if before == after == "array":
            found += self.breaks(_part(old, "items"), _part(new, "items"), f"{place}/*")
        return found

    def _words(self, old: Schema, new: Schema, place: str) -> Iterator[Break]:
        before, after = _enumerated(old), _enumerated(new)
        if self._side is Side.SENT and after is not None:
            gone = ["every other text"] if before is None else [one for one in before if one not in after]
            yield from (Break(place, f"{one!r} is taken no more") for one in gone)
        if self._side is Side.WRITTEN and before is not None and after is None:
            yield Break(place, "was one of a few words and is any text")

    def _fields(self, old: Located, new: Located, place: str) -> Iterator[Break]:
        before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
        needed, always = new.schema.get("required", ()), old.schema.get("required", ())
        if self._side is Side.SENT:
            yield from (Break(f"{place}/{n}", "is required, and was not") for n in needed if n not in always)
            if new.schema.get("additionalProperties") is False and old.schema.get("additionalProperties") is not False:
                yield Break(place, "unknown fields are refused, and were taken")
        else:
            yield from (
                Break(f"{place}/{n}", "may be left out, and never was")
                for n in always
                if n in after and n not in needed
            )
        for name, schema in before.items():
            if name in after:
                pair = Located(schema, old.resolve), Located(after[name], new.resolve)
                yield from self.breaks(*pair, f"{place}/{name}")
            elif self._side is Side.WRITTEN or new.schema.get("additionalProperties") is False:
                yield Break(f"{place}/{name}", "is gone")
        if all(isinstance(one.schema.get("additionalProperties"), Mapping) for one in (old, new)):
            values = _part(old, "additionalProperties"), _part(new, "additionalProperties")
            yield from self.breaks(*values, f"{place}/*")


def _part(of: Located, name: str) -> Located:
    return Located(of.schema.get(name, {}), of.resolve)


def _bounds(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    """What is bound more narrowly than it was."""
    for names, is_narrower in ((_LOWER, float.__gt__), (_UPPER, float.__lt__)):
        for name in names:
            bound, before = new.get(name), old.get(name)
            if bound is not None and (before is None or is_narrower(float(bound), float(before))):
                yield Break(place, f"{name} is {bound}, and was {'not bound' if before is None else before}")
    for name in _EXACT:
        if name in new and new[name] != old.get(name):
            yield Break(place, f"{name} is {new[name]!r}, and was {old.get(name)!r}")


def _kinds(located: Located) -> list[Located]:
    """The alternatives of a schema, each of one type or of any."""
    schema, resolve = located
    if "$ref" in schema:
        target, inner = resolve(schema["$ref"])
        beside = {name: value for name, value in schema.items() if name not in ("$ref", *_REMARKS)}
        return [Located({**kind.schema, **beside}, kind.resolve) for kind in _kinds(Located(target, inner))]
    for word in ("anyOf", "oneOf"):
        if any("$ref" in one or one.keys() & _ABOUT_VALUES for one in schema.get(word, ())):
            beside = {name: value for name, value in schema.items() if name not in (word, *_REMARKS)}
            found = [kind for one in schema[word] for kind in _kinds(Located(one, resolve))]
            return [Located({**beside, **kind.schema}, kind.resolve) for kind in found]
    if isinstance(types := schema.get("type"), list):
        return [Located({**schema, "type": one}, resolve) for one in cast("list[str]", types)]
    if "type" not in schema and (words := _enumerated(schema)):
        schema = {**schema, "type": _type_of(words[0])}
    return [Located(schema, resolve)]


_REMARKS: Final = ("title", "description", "default", "examples", "discriminator", "deprecated")


def _is_same(one: Located, other: Located) -> bool:
    """Whether two kinds are meant to be the same one: by type, and of objects by title or by what tells them apart."""
    if one.schema.get("type") != other.schema.get("type"):
        return False
    if one.schema.get("type") != "object":
        return True
    if (title := one.schema.get("title")) is not None and title == other.schema.get("title"):
        return True
    return _told_apart_by(one) == _told_apart_by(other)


def _told_apart_by(kind: Located) -> Mapping[str, Any]:
    return {name: field["const"] for name, field in kind.schema.get("properties", {}).items() if "const" in field}


def _enumerated(schema: Schema) -> Sequence[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _type_of(word: object) -> str:
    match word:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case _:
            return "null"


def _shown(schema: Schema) -> str:
    return str(schema.get("title") or _enumerated(schema) or schema.get("type") or "anything")
