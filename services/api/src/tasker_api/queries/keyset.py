"""Keyset pagination of a collection: the items behind a cursor, and the cut that yields the next cursor."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar

from tasker_core.documents.runs import RunField
from tasker_core.documents.tasks import TaskField

READ_MS = 2_000
"""How long a read may take."""
HIDDEN: Final[Mapping[RunField | TaskField, int]] = {
    "payload_json": 0,
    "result_json": 0,
    "attempts": 0,
    "description": 0,
    "streak": 0,
    "words": 0,
}
"""What lists leave out."""
Direction = Literal[1, -1]
F = TypeVar("F", bound=str)
D = TypeVar("D", bound=Mapping[str, object])
T = TypeVar("T")
Page = tuple[list[T], str | None]
"""Items, and the cursor of the next page; None on the last one."""


async def read_sorted(
    collection: Any,
    query: Mapping[F, Any],
    field: F,
    direction: Direction,
    limit: int,
    after: list[Any] | None,
    collation: Mapping[str, Any] | None = None,
    hint: str | None = None,
) -> list[Any]:
    """The first documents by (field, id), behind the keys `after`. Fields are those of the collection's document.

    Texts are compared by the `collation`, those of the query too; without one, code point by code point. What has the
    same key as the last item is asked for first, then what is beyond it: each from one place of an index, however many
    items share a key. `hint` names the index to be used, where it is known better than MongoDB does.
    """
    order = [(one, direction) for one in dict.fromkeys((field, "_id"))]
    parts: list[Mapping[Any, Any]] = [{}]
    if after is not None:
        beyond, (key, identity) = "$gt" if direction > 0 else "$lt", after
        parts = [{field: key, "_id": {beyond: identity}}, {field: {beyond: key}}]
        if field == "_id":
            parts = [{"_id": {beyond: identity}}]
    found: list[Any] = []
    for part in parts:
        if left := limit - len(found):
            whole = {"$and": [query, part]} if part else query
            cursor = collection.find(whole, HIDDEN, max_time_ms=READ_MS, collation=collation, hint=hint)
            found += await cursor.sort(order).limit(left).to_list(left)
    return found


def cut_page(found: list[D], limit: int, cursor_of: Callable[[D], str]) -> Page[D]:
    """A page of documents of which one more than `limit` was read, if there is one.

    One may have been read twice, at both of its places: a read that goes on for some milliseconds sees what a
    transaction has written anew meanwhile, deleted and inserted, as another document. The page is shorter then.
    """
    first = dict[object, D]()
    for one in found:
        first.setdefault(one["_id"], one)
    page = list(first.values())[:limit]
    return page, cursor_of(page[-1]) if len(found) > limit else None
