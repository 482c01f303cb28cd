"""Reads of the revisions of tasks: the definitions that they have had."""

from datetime import datetime
from typing import Any, Final

from tasker_api.queries.cursor import decode_cursor, encode_cursor, invalid_cursor
from tasker_api.queries.keyset import READ_MS
from tasker_core.documents.revisions import REVISION_ORDER, RevisionDocument, RevisionField, order_key, revision_id
from tasker_runtime.mongo import Mongo

RevisionQuery = dict[RevisionField, Any]
_ORDER: Final = "history"
_NEWEST_FIRST: Final = [(field, -1) for field in REVISION_ORDER]


class RevisionQueries:
    """The collection `revisions`."""

    def __init__(self, mongo: Mongo) -> None:
        self._revisions = mongo.database["revisions"]

    async def find(self, task_id: str, version: int) -> RevisionDocument | None:
        """What made this version of a task."""
        query: RevisionQuery = {"_id": revision_id(task_id, version)}
        return await self._revisions.find_one(query, max_time_ms=READ_MS)

    async def before(self, revision: RevisionDocument) -> RevisionDocument | None:
        """The one before a revision; None when it is not known."""
        found = await self._behind(revision["task_id"], order_key(revision), 1)
        return found[0] if found else None

    async def page(
        self, task_id: str, limit: int, cursor: str | None
    ) -> tuple[list[RevisionDocument], RevisionDocument | None, str | None]:
        """A page of a task's revisions, newest first; the one before the last of them; and the cursor of the next one.

        Raises InvalidInput for what is no cursor.
        """
        after = None if cursor is None else _position(decode_cursor(_ORDER, cursor, len(REVISION_ORDER)))
        found = await self._behind(task_id, after, limit + 1)
        if len(found) <= limit:
            return found, None, None
        return found[:limit], found[limit], encode_cursor(_ORDER, *order_key(found[limit - 1]))

    async def _behind(
        self, task_id: str, after: tuple[datetime, int, int] | None, limit: int
    ) -> list[RevisionDocument]:
        query: RevisionQuery = {"task_id": task_id}
        filters: list[RevisionQuery] = []
        if after is not None:
            at, version, position = after
            query["effective_from"] = {"$lte": at}
            filters = [
                {"effective_from": {"$lt": at}},
                {"version": {"$lt": version}},
                {"version": version, "position": {"$lt": position}},
            ]
        whole = {**query, "$or": filters} if filters else query
        found: Any = self._revisions.find(whole, max_time_ms=READ_MS).sort(_NEWEST_FIRST).limit(limit)
        return await found.to_list(limit)


def _position(keys: list[Any]) -> tuple[datetime, int, int]:
    at, version, position = keys
    if not isinstance(at, datetime) or not isinstance(version, int) or not isinstance(position, int):
        raise invalid_cursor()
    return at, version, position
