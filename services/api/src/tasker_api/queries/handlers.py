"""Reads of the handlers that executors announced."""

from typing import Any

from tasker_api.queries.keyset import READ_MS
from tasker_core.documents.handlers import HandlerDocument, HandlerField
from tasker_runtime.mongo import Mongo

MAX_HANDLERS = 1_000
HandlerQuery = dict[HandlerField, Any]


class HandlerQueries:
    """The collection `handlers`."""

    def __init__(self, mongo: Mongo) -> None:
        self._handlers = mongo.database["handlers"]

    async def find(self, name: str) -> HandlerDocument | None:
        """An announced handler that is not withdrawn."""
        query: HandlerQuery = {"_id": name, "withdrawn": False}
        return await self._handlers.find_one(query, max_time_ms=READ_MS)

    async def all(self) -> list[HandlerDocument]:
        """The announced handlers by name, the first MAX_HANDLERS of them."""
        query: HandlerQuery = {"withdrawn": False}
        by_name: HandlerField = "_id"
        found: Any = self._handlers.find(query, max_time_ms=READ_MS).sort(by_name, 1)
        return await found.limit(MAX_HANDLERS).to_list(MAX_HANDLERS)
