"""PURE. What a JSON Schema may cost, known before it is used: its words, by how many values each may have to look at.

A schema for one name, or one place of a list, looks at one value for each value above it; one for all items or all
names looks at all values of a level. So what a payload may take follows from the numbers of values on its levels. The
unit is what the slowest word takes for one value, some 0.15 µs.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, cast

from pydantic import JsonValue

from tasker_core.handlers.pattern_cost import pattern_places

FEW_PLACES: Final = 8
"""Expressions with so few places become a small table: a character costs next to nothing."""
_FEW_COST: Final = 8
"""So many characters a unit, with few places."""
_PLACES_A_UNIT: Final = 3
_PLACES_TO_BEGIN_WITH: Final = 5
_MULTIPLE_OF: Final = 50
_UNEVALUATED: Final = 4
_ONE_EACH: Final = frozenset({"properties", "prefixItems"})
_ALL: Final = frozenset(
    {"items", "additionalItems", "additionalProperties", "contains", "propertyNames", "patternProperties"}
)
UNEVALUATED: Final = frozenset({"unevaluatedItems", "unevaluatedProperties"})
NOT_APPLIED: Final = frozenset({"$defs", "definitions", "examples", "default", "title", "description", "$comment"})


NodeKind = Literal["schema", "names", "data"]
"""What an object in a schema is: one itself, or schemas by names of any kind, or no schema at all."""
_OF_NAMES: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"}
)
_OF_DATA: Final = frozenset({"enum", "const", "default", "examples"})


def kind_below(kind: NodeKind, word: str) -> NodeKind:
    """What stands behind a word of such an object."""
    if kind == "schema":
        return "names" if word in _OF_NAMES else "data" if word in _OF_DATA else "schema"
    return "schema" if kind == "names" else "data"


@dataclass(frozen=True, slots=True)
class SchemaPlace:
    """Where in a payload a schema looks: its level, and the level of which it may look at all values (0: at one)."""

    level: int = 0
    all_of: int = 0
    factor: int = 1

    def below(self, word: str) -> "SchemaPlace":
        """Where the schemas in a word look."""
        if word in _ONE_EACH:
            return SchemaPlace(self.level + 1, self.all_of, self.factor)
        if word in _ALL:
            return SchemaPlace(self.level + 1, self.level + 1, self.factor)
        if word in UNEVALUATED:
            return SchemaPlace(self.level + 1, self.level + 1, self.factor)
        return self

    def of_unevaluated(self) -> "SchemaPlace":
        """The same, where all that is beside and below is asked again for each name or item."""
        return SchemaPlace(self.level, self.level + 1, self.factor * _UNEVALUATED)


@dataclass(slots=True)
class SchemaCost:
    """Adds up what the words of a schema cost."""

    values: dict[int, int] = field(default_factory=lambda: defaultdict[int, int](int))
    """Units for each value, by the level of which all are looked at."""
    characters: dict[SchemaPlace, int] = field(default_factory=lambda: defaultdict[SchemaPlace, int](int))
    """Units for each _FEW_COST characters of the texts at a place."""
    places: int = 0
    """Of all expressions."""

    def add(self, node: Mapping[str, Any], place: SchemaPlace) -> None:
        """An object of the schema."""
        weight = 1 + len(node) + _MULTIPLE_OF * ("multipleOf" in node)
        self.values[place.all_of] += weight * place.factor
        if isinstance(pattern := node.get("pattern"), str):
            self._add_pattern(pattern, place)
        if isinstance(named := node.get("patternProperties"), dict):
            for pattern in cast("dict[str, Any]", named):
                self._add_pattern(pattern, place.below("patternProperties"))
        if isinstance(node.get("format"), str):
            self.characters[place] += _FEW_COST * place.factor

    def of(self, payload: JsonValue, limit: int) -> "PayloadWork":
        """The units that a payload may take; counted no further than the limit."""
        levels = _Levels(payload, limit)
        of_values = levels.total + sum(weight * levels.values(all_of) for all_of, weight in self.values.items())
        of_texts = sum(units * levels.characters(place) // _FEW_COST for place, units in self.characters.items())
        return PayloadWork(of_values, of_values + of_texts)

    def _add_pattern(self, pattern: str, place: SchemaPlace) -> None:
        places = pattern_places(pattern)
        self.places += places + _PLACES_TO_BEGIN_WITH
        few = places <= FEW_PLACES
        self.characters[place] += place.factor * (1 if few else _FEW_COST * places // _PLACES_A_UNIT + 1)


class PayloadWork(NamedTuple):
    """Units: of looking at values, and of that and looking through texts."""

    of_values: int
    total: int


class _Levels:
    """How many values and characters a payload has on each level, and the longest text."""

    def __init__(self, payload: JsonValue, limit: int) -> None:
        self._counts = list[int]()
        self._characters, self._longest = list[int](), list[int]()
        self.total = 0
        level: list[Any] = [payload]
        while level and self.total <= limit:
            texts = [len(one) for one in level if isinstance(one, str)]
            following = list[Any]()
            for one in level:
                if isinstance(one, dict):
                    members = cast("dict[str, Any]", one)
                    following += members.values()
                    following += members  # names are looked at as texts
                elif isinstance(one, list):
                    following += cast("list[Any]", one)
            self._counts.append(len(level))
            self._characters.append(sum(texts))
            self._longest.append(max(texts, default=0))
            self.total += len(level)
            level = following

    def values(self, all_of: int) -> int:
        return self._counts[all_of] if all_of < len(self._counts) else 0

    def characters(self, place: SchemaPlace) -> int:
        if place.level >= len(self._characters):
            return 0
        return min(self._characters[place.level], self.values(place.all_of) * self._longest[place.level])
