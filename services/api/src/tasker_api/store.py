"""What the API reads from MongoDB. Every read is bounded; a failed one raises PyMongoError."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tasker_api import cursor as cursors
from tasker_runtime.documents import HandlerDocument, JournalDocument, MissedDocument, RunDocument, TaskDocument
from tasker_runtime.mongo import Mongo

READ_MS = 2_000
MAX_HANDLERS = 1_000
TaskSort = Literal["name", "-name", "updated_at", "-updated_at", "next_at", "-next_at"]
Page = tuple[list[Any], str | None]
Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks. `q` is a part of the name or the id, whatever its case."""

    q: str | None = None
    tag: str | None = None
    handler: str | None = None
    state: str | None = None

    def query(self) -> Query:
        """In MongoDB's words."""
        found: Query = {"deleted": False}
        found |= {
            field: value
            for field, value in (("tags", self.tag), ("handler", self.handler), ("state", self.state))
            if value is not None
        }
        if self.q:
            part = {"$regex": re.escape(self.q), "$options": "i"}
            found["$or"] = [{"name": part}, {"_id": part}]
        return found


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs. `since` (inclusive) and `until` (exclusive) bound the effective time."""

    task_id: str | None = None
    state: str | None = None
    kind: str | None = None
    lane: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> Query:
        """In MongoDB's words."""
        equal = {"task_id": self.task_id, "state": self.state, "kind": self.kind, "lane": self.lane}
        found: Query = {field: value for field, value in equal.items() if value is not None}
        bounds = {"$gte": self.since, "$lt": self.until}
        if when := {word: bound for word, bound in bounds.items() if bound is not None}:
            found["effective_at"] = when
        return found


class Store:
    """The reading side of the projection."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.database

    async def task(self, task_id: str) -> TaskDocument | None:
        """A task that is not deleted."""
        return await self._db["tasks"].find_one({"_id": task_id, "deleted": False}, max_time_ms=READ_MS)

    async def was_there(self, task_id: str) -> bool:
        """Whether there is, or was within the last weeks, a task of this id."""
        query = {"_id": task_id}
        return await self._db["tasks"].find_one(query, {"_id": 1}, max_time_ms=READ_MS) is not None

    async def run(self, run_id: str) -> RunDocument | None:
        """A run."""
        return await self._db["runs"].find_one({"_id": run_id}, max_time_ms=READ_MS)

    async def entry(self, event_id: str, task_id: str | None = None) -> JournalDocument | None:
        """The verdict on an event; the newest one where clients gave several tasks' events the same id."""
        query = {"event_id": event_id} if task_id is None else {"_id": f"{task_id}/{event_id}"}
        return await self._db["journal"].find_one(query, sort=[("logged_at", -1)], max_time_ms=READ_MS)

    async def handler(self, name: str) -> HandlerDocument | None:
        """An announced handler that is not withdrawn."""
        return await self._db["handlers"].find_one({"_id": name, "withdrawn": False}, max_time_ms=READ_MS)

    async def handlers(self) -> list[HandlerDocument]:
        """The announced handlers by name, the first MAX_HANDLERS of them."""
        found: Any = self._db["handlers"].find({"withdrawn": False}, max_time_ms=READ_MS).sort("_id", 1)
        listed: list[HandlerDocument] = await found.limit(MAX_HANDLERS).to_list(MAX_HANDLERS)
        return listed

    async def missed(
        self, task_id: str, generation: int, since: datetime, until: datetime, most: int
    ) -> list[MissedDocument]:
        """Ranges of nominal times that did not run and touch [since, until), the oldest `most`."""
        query = {"task_id": task_id, "generation": generation, "to_at": {"$gte": since}, "from_at": {"$lt": until}}
        found: Any = self._db["missed"].find(query, max_time_ms=READ_MS).sort("to_at", 1).limit(most)
        return await found.to_list(most)

    async def failed(
        self, task_id: str, generation: int, since: datetime, until: datetime, most: int
    ) -> list[datetime]:
        """The nominal times in [since, until) whose run, or backfilled run, failed: the oldest `most` runs."""
        query = {"task_id": task_id, "generation": generation, "state": "failed", "kind": {"$ne": "manual"}}
        nominal = {"nominal_at": {"$gte": since, "$lt": until}}
        found: Any = self._db["runs"].find(query | nominal, {"nominal_at": 1}, max_time_ms=READ_MS)
        return [run["nominal_at"] for run in await found.sort("effective_at", 1).limit(most).to_list(most)]

    async def made_good(self, task_id: str, generation: int, nominal: list[datetime]) -> list[datetime]:
        """Of nominal times, those for which a run succeeded or goes on. (Backfilled runs are effective at once.)"""
        good = {"state": {"$in": ["waiting", "running", "retrying", "succeeded"]}, "kind": {"$ne": "manual"}}
        query = {"task_id": task_id, "generation": generation, "effective_at": {"$in": nominal}} | good
        found: Any = self._db["runs"].find(query, {"nominal_at": 1}, max_time_ms=READ_MS)
        return [run["nominal_at"] async for run in found]

    async def schedule_of(self, task_id: str, version: int) -> str | None:
        """The schedule of a task's version as JSON, as far back as the journal goes."""
        query = {"task_id": task_id, "version": version, "verdict": "accepted", "task_json": {"$ne": None}}
        found: JournalDocument | None = await self._db["journal"].find_one(query, max_time_ms=READ_MS)
        if found is None or found["task_json"] is None:
            return None
        return json.dumps(json.loads(found["task_json"])["schedule"])

    async def tasks(self, which: TaskFilter, sort: TaskSort, limit: int, cursor: str | None) -> Page:
        """A page of tasks and the cursor of the next one. Those without a next time come last, either way."""
        field, way = sort.lstrip("-"), -1 if sort.startswith("-") else 1
        after = cursors.read(sort, cursor, 2) if cursor else None
        found: list[Any] = []
        if after is None or after[0] is not None:
            query = which.query() | ({field: {"$ne": None}} if field == "next_at" else {})
            found = await self._page("tasks", query, field, way, limit + 1, after)
            after = None
        if field == "next_at" and len(found) <= limit:
            query = which.query() | {field: None}
            found += await self._page("tasks", query, field, way, limit + 1 - len(found), after)
        return self._cut(found, limit, lambda last: cursors.write(sort, last[field], last["_id"]))

    async def runs(self, which: RunFilter, limit: int, cursor: str | None) -> Page:
        """A page of runs, newest effective time first, and the cursor of the next one."""
        after = cursors.read("runs", cursor, 2) if cursor else None
        found = await self._page("runs", which.query(), "effective_at", -1, limit + 1, after)
        return self._cut(found, limit, lambda last: cursors.write("runs", last["effective_at"], last["_id"]))

    async def _page(
        self, collection: str, query: Query, field: str, way: int, limit: int, after: list[Any] | None
    ) -> list[Any]:
        if after is not None:
            beyond, (key, identity) = "$gt" if way > 0 else "$lt", after
            at_key = {field: key, "_id": {beyond: identity}}
            keyset = at_key if key is None else {"$or": [{field: {beyond: key}}, at_key]}
            query = {"$and": [query, keyset]}
        hidden = {"payload_json": 0, "result_json": 0, "attempts": 0, "description": 0}
        reading: Callable[..., Awaitable[list[Any]]] = (
            self._db[collection]
            .find(query, hidden, max_time_ms=READ_MS)
            .sort([(field, way), ("_id", way)])
            .limit(limit)
        ).to_list
        return await reading(limit)

    @staticmethod
    def _cut(found: list[Any], limit: int, cursor_of: Callable[[Any], str]) -> Page:
        return (found[:limit], cursor_of(found[limit - 1])) if len(found) > limit else (found, None)
