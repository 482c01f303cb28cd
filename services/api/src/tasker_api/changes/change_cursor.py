"""Reads a change stream of MongoDB, many changes at a time.

By its commands: the driver's own cursor hands out one change after the other, each by a thread of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson.timestamp import Timestamp

from tasker_api.changes.change_log import Position
from tasker_core.documents.indexes import CollectionName
from tasker_runtime.mongo import Mongo, PyMongoError

BATCH: Final = 2_000
WHOLE_DATABASE: Final = "$cmd.aggregate"
COLLECTIONS: Final = ("tasks", "runs", "missed", "journal", "handlers", "calendars")
_GONE_FOR_EVERYBODY: Final = ["drop", "rename", "dropDatabase", "invalidate"]
HINTS: Final[list[dict[str, Any]]] = [
    {
        "$match": {
            "$or": [
                # What expires is no news.
                {"ns.coll": {"$in": [*COLLECTIONS]}, "operationType": {"$in": ["insert", "update", "replace"]}},
                {"ns.coll": {"$in": [*COLLECTIONS]}, "operationType": {"$in": _GONE_FOR_EVERYBODY}},
                {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
            ]
        }
    },
    {
        "$project": {
            "operationType": 1,
            "ns.coll": 1,
            "documentKey": 1,
            "clusterTime": 1,
            "task_id": "$fullDocument.task_id",
            "event_id": "$fullDocument.event_id",
        }
    },
]


class ChangesLost(Exception):
    """What came after a position can't be read any more."""


class ChangeCursor:
    """Changes of the database, or of one collection, from a position on, in order; a pipeline chooses."""

    def __init__(
        self, mongo: Mongo, pipeline: Sequence[Mapping[str, Any]] = HINTS, collection: CollectionName | None = None
    ) -> None:
        self._database, self._mongo, self._pipeline = mongo.database, mongo, pipeline
        self._source, self._cursors = (1, WHOLE_DATABASE) if collection is None else (collection, collection)
        self._session: Any = None
        self._cursor_id = 0
        self._first: list[dict[str, Any]] = []

    async def now(self) -> Position:
        """The position of this moment. Raises PyMongoError."""
        time: Timestamp = (await self._database.command("ping"))["operationTime"]
        return Position(time.time, time.inc)

    async def open(self, start: Position) -> None:
        """Read from a position on, what is at it included. Raises PyMongoError, ChangesLost."""
        self._session = await self._mongo.session()
        stage = {"$changeStream": {"startAtOperationTime": Timestamp(*start)}}
        answer = await self._command(
            {"aggregate": self._source, "pipeline": [stage, *self._pipeline], "cursor": {"batchSize": BATCH}}
        )
        self._cursor_id, self._first = answer["cursor"]["id"], answer["cursor"]["firstBatch"]

    async def read(self, wait_ms: int) -> list[dict[str, Any]]:
        """The next changes, at most 2,000; none when none come within `wait_ms`. Raises PyMongoError, ChangesLost."""
        if self._first:
            found, self._first = self._first, []
            return found
        more = {"getMore": self._cursor_id, "collection": self._cursors, "batchSize": BATCH, "maxTimeMS": wait_ms}
        answer = await self._command(more)
        if not answer["cursor"]["id"]:
            raise ChangesLost("the change stream has ended")
        changes: list[dict[str, Any]] = answer["cursor"]["nextBatch"]
        if any(change["operationType"] in _GONE_FOR_EVERYBODY for change in changes):
            raise ChangesLost("a collection was dropped or renamed")
        return changes

    async def close(self) -> None:
        """Read no more."""
        if self._session is None:
            return
        session, self._session = self._session, None
        try:
            if self._cursor_id:
                kill = {"killCursors": self._cursors, "cursors": [self._cursor_id]}
                await self._database.command(kill, session=session)
        except PyMongoError:
            pass  # the server ends it by itself
        finally:
            self._cursor_id = 0
            await session.end_session()

    async def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await self._database.command(command, session=self._session)
        except PyMongoError as error:
            if getattr(error, "code", None) in _LOST:
                raise ChangesLost(str(error)[:300]) from None
            raise
        return answer


_LOST: Final = frozenset({280, 286, 222})
"""ChangeStreamFatalError, ChangeStreamHistoryLost, CloseChangeStream."""
