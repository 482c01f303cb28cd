"""Waits for verdicts: one change stream on `journal` serves every waiting request."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tasker_api.changes.change_cursor import ChangeCursor, ChangesLost
from tasker_core.documents.journal import JournalDocument, JournalField, entry_id
from tasker_runtime.health import Health
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError

CHECK = "journal"
RETRY_SECONDS = 0.5
SILENCE_MS = 120_000
"""Longer than what a client of MongoDB waits for an answer."""
WAIT_MS = 1_000
PIPELINE = [
    {"$match": {"operationType": "insert"}},
    {"$project": {"operationType": 1, "fullDocument": 1}},
]


class VerdictStream:
    """The verdicts as the log sink inserts them."""

    def __init__(self, mongo: Mongo, health: Health, log: Log) -> None:
        self._mongo, self._health, self._log = mongo, health, log
        self._waiting: dict[str, set[asyncio.Future[JournalDocument]]] = {}
        health.expect(CHECK, every_ms=SILENCE_MS, gates="start")  # without it changes are taken, and answered with 202

    @property
    def is_open(self) -> bool:
        """Whether the change stream is open."""
        return self._health.checks[CHECK].good

    @asynccontextmanager
    async def expect(self, task_id: str, event_id: str) -> AsyncGenerator["asyncio.Future[JournalDocument]"]:
        """The future verdict on an event that is to be published inside the block: nothing is missed in between."""
        name = entry_id(task_id, event_id)
        future = self.register(name)
        try:
            yield future
        finally:
            self.forget(name, future)

    def register(self, name: str) -> "asyncio.Future[JournalDocument]":
        """The future entry of this `_id`, until it is forgotten: whoever registers must do that."""
        future: asyncio.Future[JournalDocument] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, set()).add(future)
        return future

    def forget(self, name: str, future: "asyncio.Future[JournalDocument]") -> None:
        """Wait for it no more."""
        waiting = self._waiting[name]
        waiting.discard(future)
        if not waiting:
            del self._waiting[name]
        future.cancel()

    async def run(self) -> None:
        """Read the stream until cancelled; after every interruption, query what is waited for."""
        while True:
            cursor = ChangeCursor(self._mongo, PIPELINE, "journal")
            try:
                await self._follow(cursor)
            except (PyMongoError, ChangesLost) as error:
                self._health.fail(CHECK, f"the journal in MongoDB can't be followed: {error}")
                self._log.warning("journal interrupted", reason=str(error)[:300])
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                await asyncio.shield(cursor.close())

    async def _follow(self, cursor: ChangeCursor) -> None:
        began = await cursor.now()  # the stream starts at this moment; what came before it is queried
        await self._query_waiting()
        self._health.ok(CHECK)
        await cursor.open(began)
        while True:
            for change in await cursor.read(WAIT_MS):
                self._resolve(change["fullDocument"])
            self._health.beat(CHECK)

    async def _query_waiting(self) -> None:
        query: dict[JournalField, Any] = {"_id": {"$in": list(self._waiting)}}
        found: Any = self._mongo.database["journal"].find(query)
        async for verdict in found:
            self._resolve(verdict)

    def _resolve(self, verdict: JournalDocument) -> None:
        for future in self._waiting.get(verdict["_id"], ()):
            if not future.done():
                future.set_result(verdict)
