"""Reads of the journal: task events with their verdicts."""

import json
from collections.abc import Sequence
from typing import Any, Final

from tasker_api.queries.keyset import READ_MS
from tasker_core.documents.journal import JournalDocument, JournalField, entry_id
from tasker_runtime.mongo import Mongo

JournalQuery = dict[JournalField, Any]
_NEWEST_FIRST: Final[Sequence[tuple[JournalField, int]]] = [("logged_at", -1)]


class JournalQueries:
    """The collection `journal`."""

    def __init__(self, mongo: Mongo) -> None:
        self._journal = mongo.database["journal"]

    async def find(self, event_id: str, task_id: str | None = None) -> JournalDocument | None:
        """The verdict on an event; the newest one where clients gave several tasks' events the same id."""
        query: JournalQuery = {"event_id": event_id} if task_id is None else {"_id": entry_id(task_id, event_id)}
        return await self._journal.find_one(query, sort=_NEWEST_FIRST, max_time_ms=READ_MS)

    async def find_requested(self, event_id: str, actor: str | None) -> JournalDocument | None:
        """The newest verdict on a request of this actor under this id, whichever task it was about."""
        query: JournalQuery = {"event_id": event_id, "actor": actor, "digest": {"$ne": None}}
        return await self._journal.find_one(query, sort=_NEWEST_FIRST, max_time_ms=READ_MS)

    async def schedule_of_version(self, task_id: str, version: int) -> str | None:
        """The schedule of a task's version as JSON, as far back as the journal goes."""
        query: JournalQuery = {
            "task_id": task_id,
            "version": version,
            "verdict": "accepted",
            "task_json": {"$ne": None},
        }
        found: JournalDocument | None = await self._journal.find_one(query, max_time_ms=READ_MS)
        if found is None or found["task_json"] is None:
            return None
        return json.dumps(json.loads(found["task_json"])["schedule"])
