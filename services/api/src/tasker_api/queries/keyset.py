"""Keyset pagination of a collection: the items behind a cursor, and the cut that yields the next cursor."""

from collections.abc import Callable
from typing import Any, TypeVar

READ_MS = 2_000
"""How long a read may take."""
HIDDEN = {"payload_json": 0, "result_json": 0, "attempts": 0, "description": 0}
"""What lists leave out."""
Query = dict[str, Any]
T = TypeVar("T")
Page = tuple[list[T], str | None]
"""Items, and the cursor of the next page; None on the last one."""


async def read_sorted(
    collection: Any, query: Query, field: str, direction: int, limit: int, after: list[Any] | None
) -> list[Any]:
    """The first documents by (field, id), behind the keys `after`."""
    if after is not None:
        beyond, (key, identity) = "$gt" if direction > 0 else "$lt", after
        at_key = {field: key, "_id": {beyond: identity}}
        keyset = at_key if key is None else {"$or": [{field: {beyond: key}}, at_key]}
        query = {"$and": [query, keyset]}
    found = collection.find(query, HIDDEN, max_time_ms=READ_MS).sort([(field, direction), ("_id", direction)])
    return await found.limit(limit).to_list(limit)


def cut_page(found: list[T], limit: int, cursor_of: Callable[[Any], str]) -> Page[T]:
    """A page of items of which one more than `limit` was read, if there is one."""
    return (found[:limit], cursor_of(found[limit - 1])) if len(found) > limit else (found, None)
