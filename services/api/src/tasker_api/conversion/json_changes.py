"""PURE. What differs between two JSON values, place by place."""

import json
from collections.abc import Iterator
from typing import Any, Final, Literal, NamedTuple, cast

from tasker_core.errors import pointer

ChangeKind = Literal["added", "removed", "changed"]
MAX_CHANGES: Final = 100
"""So many are told at most."""
MAX_VALUE_BYTES: Final = 2_000
"""A larger value is left out; the whole version shows it."""
Place = tuple[str | int, ...]
_ABSENT: Final = object()


class JsonChange(NamedTuple):
    """A place where they differ (RFC 6901), and what stands there before and after: None where nothing does.

    `cut`: it is too large to be told.
    """

    pointer: str
    kind: ChangeKind
    before: Any
    after: Any
    cut: bool = False


def json_changes(before: Any, after: Any) -> tuple[list[JsonChange], int]:
    """The first changes that lead from one value to the other, and how many more there are.

    Objects are compared field by field, and lists of the same length entry by entry.
    """
    found = list(_changes(before, after))
    return [_bounded(change) for change in found[:MAX_CHANGES]], max(0, len(found) - MAX_CHANGES)


def _changes(before: Any, after: Any) -> Iterator[JsonChange]:
    waiting: list[tuple[Place, Any, Any]] = [((), before, after)]
    while waiting:  # without recursion, as payloads may be deep
        place, one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            some, others = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
            names = list(dict.fromkeys((*others, *some)))
            waiting += [((*place, n), some.get(n, _ABSENT), others.get(n, _ABSENT)) for n in reversed(names)]
        elif isinstance(one, list) and isinstance(other, list):
            entries, new = cast("list[Any]", one), cast("list[Any]", other)
            if len(entries) != len(new):
                yield _change(place, entries, new)
            else:
                waiting += [((*place, n), entries[n], new[n]) for n in reversed(range(len(new)))]
        elif not _same(one, other):
            yield _change(place, one, other)


def _change(place: Place, before: Any, after: Any) -> JsonChange:
    if before is _ABSENT:
        return JsonChange(pointer(place), "added", None, after)
    if after is _ABSENT:
        return JsonChange(pointer(place), "removed", before, None)
    return JsonChange(pointer(place), "changed", before, after)


def _same(one: Any, other: Any) -> bool:
    """JSON tells true from 1, which Python does not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _bounded(change: JsonChange) -> JsonChange:
    if max(_size(change.before), _size(change.after)) <= MAX_VALUE_BYTES:
        return change
    return change._replace(before=None, after=None, cut=True)


def _size(value: Any) -> int:
    return len(json.dumps(value))
