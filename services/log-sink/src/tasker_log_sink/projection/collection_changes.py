"""PURE. What to write to a collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

D = TypeVar("D")


@dataclass(slots=True)
class CollectionChanges(Generic[D]):
    """What to write to one collection: whole new documents, and fields to set in stored ones by their ids.

    An update takes away what is `optional` and not among its fields.
    """

    inserts: list[D] = field(default_factory=list[D])
    updates: list[tuple[str, Mapping[str, object]]] = field(default_factory=list[tuple[str, Mapping[str, object]]])
    optional: Sequence[str] = ()
