"""Makes the entries of `next_times` for tasks that were written without them, and puts right those that differ.

It goes on beside the log sink: each page of tasks is compared within a transaction, which starts again where somebody
changes the next time of one of them meanwhile.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tasker_core.documents.tasks import NextTimeField, TaskField
from tasker_log_sink.metrics import RETRIES
from tasker_log_sink.projection.tasks.next_times import NextTimeChanges
from tasker_log_sink.store.background_upgrade import RETRY_SECONDS
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.store.task_writes import NEXT_TIMES, write_next_times
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError

PAGE: Final = 500
_FIELDS: Final[dict[TaskField, int]] = {"deleted": 1, "next_at": 1, "due_at": 1}


class NextTimeUpgrade:
    """Completes them whenever partitions were taken over from a member of an earlier release, which wrote tasks alone:
    after an update, after a return from the release before, and as long as there are members of both."""

    def __init__(self, mongo: Mongo, store: ProjectionStore, log: Log) -> None:
        self._mongo, self._store, self._log = mongo, store, log

    async def run(self) -> None:
        """Until cancelled."""
        nothing: frozenset[str] = frozenset()
        partitions = nothing
        while True:
            partitions = partitions or await self._store.unordered()
            try:
                done = await complete_next_times(self._mongo)
                await self._store.note_ordered(partitions)
            except PyMongoError as error:
                self._log.warning("upgrade delayed", collection=NEXT_TIMES, reason=str(error)[:300])
                await asyncio.sleep(RETRY_SECONDS)
            else:
                partitions = nothing
                self._log.info("upgraded", collection=NEXT_TIMES, documents=done)


async def complete_next_times(mongo: Mongo) -> int:
    """Compare all tasks with the entries of `next_times`; returns how many were not right. Raises PyMongoError."""
    session, done = await mongo.session(), 0
    tasks, next_times = mongo.database["tasks"], mongo.database[NEXT_TIMES]
    last: str | None = ""

    async def page(after: str) -> tuple[int, str | None]:
        found: Any = tasks.find({"_id": {"$gt": after}}, _FIELDS, session=session).sort("_id", 1).limit(PAGE)
        some = await found.to_list(PAGE)
        entries = await next_times.find({"_id": {"$in": [one["_id"] for one in some]}}, session=session).to_list(None)
        there = {one["_id"]: _times(one) for one in entries}
        changes = NextTimeChanges({}, [])
        for task in some:
            task_id = task["_id"]
            if task["deleted"]:
                changes.gone.extend([task_id] if task_id in there else ())
            elif there.get(task_id) != (times := _times(task)):
                changes.moved[task_id] = times
        await write_next_times(next_times, changes, session)
        return len(changes.moved) + len(changes.gone), some[-1]["_id"] if len(some) == PAGE else None

    try:
        while (after := last) is not None:
            wrong, last = await mongo.transaction(session, lambda after=after: page(after), RETRIES.inc)
            done += wrong
    finally:
        await session.end_session()
    return done


def _times(one: Mapping[str, Any]) -> dict[NextTimeField, datetime | None]:
    return {"next_at": one["next_at"], "due_at": one.get("due_at")}
