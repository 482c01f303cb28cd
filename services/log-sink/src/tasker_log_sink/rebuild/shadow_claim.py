"""Who may fill the collections beside the documents: one replacement at a time, of all topics that share a database."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from tasker_core.errors import TaskerError
from tasker_runtime.mongo import DuplicateKeyError, Mongo, PyMongoError

SHADOW: Final = "rebuild."
CLAIMS: Final = "rebuild_claims"
"""Stays, as to drop it could take the claim of the next one with it."""
BEAT_SECONDS: Final = 10.0
DEAD_AFTER: Final = timedelta(seconds=120)
"""Without a sign of life for so long, a replacement is taken for interrupted. The clocks of machines differ by less."""


class ReplacementRunning(TaskerError):
    """Another replacement uses the collections beside the documents."""


class ShadowClaim:
    """A claim of the collections beside the documents, kept by signs of life."""

    def __init__(self, mongo: Mongo, topic_prefix: str, now: Callable[[], datetime]) -> None:
        self._collection: Any = mongo.database[CLAIMS]
        self._topic_prefix, self._now, self._owner = topic_prefix, now, uuid4().hex
        self._seen_at = now()

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Hold it within the block. Raises ReplacementRunning, PyMongoError."""
        await self._take()
        beats = asyncio.create_task(self._beats())
        try:
            yield
        finally:
            beats.cancel()
            await asyncio.wait({beats})
            await self._collection.delete_one({"_id": "claim", "owner": self._owner})

    def check(self) -> None:
        """Raises ReplacementRunning when another one may have taken it for dead."""
        if self._now() - self._seen_at >= DEAD_AFTER:
            raise ReplacementRunning("this one gave no sign of life for too long, another one may have begun")

    async def beat(self) -> None:
        """Give a sign of life. Raises PyMongoError."""
        at = self._now()
        found = await self._collection.update_one({"_id": "claim", "owner": self._owner}, {"$set": {"alive_at": at}})
        if found.matched_count:
            self._seen_at = at

    async def _take(self) -> None:
        at = self._now()
        takeable = {"_id": "claim", "alive_at": {"$lt": at - DEAD_AFTER}}
        mine = {"owner": self._owner, "topic_prefix": self._topic_prefix, "alive_at": at}
        try:
            await self._collection.update_one(takeable, {"$set": mine}, upsert=True)
        except DuplicateKeyError:
            other: dict[str, Any] = await self._collection.find_one({"_id": "claim"}) or {}
            raise ReplacementRunning(
                f"another rebuild --replace goes on (topics {other.get('topic_prefix')}.*, last sign of life "
                f"{other.get('alive_at')}): wait for its end, or {DEAD_AFTER.seconds} s if it was interrupted"
            ) from None
        self._seen_at = at

    async def _beats(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.beat()
            except PyMongoError:
                continue  # `check` sees when that lasts
