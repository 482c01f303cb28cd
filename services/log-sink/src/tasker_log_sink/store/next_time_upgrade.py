"""Makes the entries of `next_times` for tasks that were written without them, and puts right those that differ.

It goes on beside the log sink: each page of tasks is compared within a transaction, which starts again where somebody
changes the next time of one of them meanwhile.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from tasker_core.documents.rebuilds import RebuildDocument
from tasker_core.documents.tasks import TaskField
from tasker_log_sink.metrics import RETRIES
from tasker_log_sink.projection.tasks.next_times import NextTimeChanges
from tasker_log_sink.store.background_upgrade import MARGIN
from tasker_log_sink.store.task_writes import NEXT_TIMES, write_next_times
from tasker_runtime.mongo import Mongo

PAGE: Final = 500
NOTE: Final = "upgrade/next-times"
"""No prefix of topics can be called so."""
_FIELDS: Final[dict[TaskField, int]] = {"deleted": 1, "next_at": 1}


async def upgrade_next_times(mongo: Mongo, now: Callable[[], datetime]) -> int | None:
    """Complete them once; returns how many were not right, None when it was done before.

    Called again soon after, it completes them again: members of the release before may have been at work until then.
    Raises PyMongoError.
    """
    notes: Any = mongo.database["rebuilds"]
    before: RebuildDocument | None = await notes.find_one({"_id": NOTE})
    started = now()
    if before is not None and before["finished_at"] is not None and started - before["finished_at"] > 2 * MARGIN:
        return None
    done = await complete_next_times(mongo)
    note: RebuildDocument = {"_id": NOTE, "started_at": started, "finished_at": now(), "replaced": False}
    await notes.replace_one({"_id": NOTE}, note, upsert=True)
    return done


async def complete_next_times(mongo: Mongo) -> int:
    """Compare all tasks with the entries of `next_times`; returns how many were not right. Raises PyMongoError."""
    session, done = await mongo.session(), 0
    tasks, next_times = mongo.database["tasks"], mongo.database[NEXT_TIMES]
    last: str | None = ""

    async def page(after: str) -> tuple[int, str | None]:
        found: Any = tasks.find({"_id": {"$gt": after}}, _FIELDS, session=session).sort("_id", 1).limit(PAGE)
        some = await found.to_list(PAGE)
        entries = await next_times.find({"_id": {"$in": [one["_id"] for one in some]}}, session=session).to_list(None)
        there = {one["_id"]: one["next_at"] for one in entries}
        changes = NextTimeChanges({}, [])
        for task in some:
            task_id = task["_id"]
            if task["deleted"]:
                changes.gone.extend([task_id] if task_id in there else ())
            elif task_id not in there or there[task_id] != task["next_at"]:
                changes.moved[task_id] = task["next_at"]
        await write_next_times(next_times, changes, session)
        return len(changes.moved) + len(changes.gone), some[-1]["_id"] if len(some) == PAGE else None

    try:
        while (after := last) is not None:
            wrong, last = await mongo.transaction(session, lambda after=after: page(after), RETRIES.inc)
            done += wrong
    finally:
        await session.end_session()
    return done
