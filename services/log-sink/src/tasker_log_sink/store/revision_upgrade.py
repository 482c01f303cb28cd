"""Makes the revisions of tasks that were changed under an earlier release: from the journal, and from the tasks.

It goes on beside the log sink, whose records it can neither lose nor double: revisions find their place in whatever
order they come, and one that a verdict tells of stands in place of one that is made here.
"""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Any, Final

from tasker_core.documents.journal import JournalField
from tasker_core.documents.rebuilds import RebuildDocument
from tasker_core.documents.tasks import TaskField
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.revisions.revision_content import (
    CHANGES,
    RevisionReport,
    revision_of_entry,
    revisions_of_task,
)
from tasker_log_sink.store.background_upgrade import MARGIN
from tasker_log_sink.store.partition_offsets import OffsetConflict
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_runtime.mongo import Mongo

PAGE: Final = 500
"""Small, so that records that are to be logged don't wait for it."""
NOTE: Final = "upgrade/revisions"
"""No prefix of topics can be called so."""
TRIES: Final = 8


async def upgrade_revisions(mongo: Mongo, store: ProjectionStore, now: Callable[[], datetime]) -> int | None:
    """Make what is missing, once; returns how many versions were looked at, None when it was done before.

    Called again soon after, it looks only at what has changed since. Raises PyMongoError, OffsetConflict.
    """
    notes: Any = mongo.database["rebuilds"]
    before: RebuildDocument | None = await notes.find_one({"_id": NOTE})
    started, since = now(), None
    if before is not None and before["finished_at"] is not None:
        if started - before["finished_at"] > 2 * MARGIN:
            return None
        since = before["started_at"] - MARGIN
    done, page = 0, list[DecodedRecord]()
    async for report in _reports(mongo, since):
        page.append(DecodedRecord(report.task_id, revisions=report))
        if len(page) == PAGE:
            await _apply(store, page, now())
            done, page = done + PAGE, []
    await _apply(store, page, now())
    note: RebuildDocument = {"_id": NOTE, "started_at": started, "finished_at": now(), "replaced": False}
    await notes.replace_one({"_id": NOTE}, note, upsert=True)
    return done + len(page)


async def _reports(mongo: Mongo, since: datetime | None) -> AsyncGenerator[RevisionReport]:
    changed: dict[JournalField, Any] = {"verdict": "accepted", "event_type": {"$in": sorted(CHANGES)}}
    if since is not None:
        changed["logged_at"] = {"$gte": since}
    async for entry in mongo.database["journal"].find(changed):
        if (revision := revision_of_entry(entry)) is not None:
            yield RevisionReport(entry["task_id"], (revision,))
    some: dict[TaskField, Any] = {"version": {"$gt": 0}}
    if since is not None:
        some |= {"deleted": {"$in": [False, True]}, "updated_at": {"$gte": since}}  # by `of_all_by_update`
    async for task in mongo.database["tasks"].find(some):
        if (report := revisions_of_task(task)).revisions:
            yield report


async def _apply(store: ProjectionStore, page: list[DecodedRecord], now: datetime) -> None:
    for left in reversed(range(TRIES)):
        try:
            await store.apply([], page, now)
            return
        except OffsetConflict:  # somebody has made the same ones meanwhile
            if not left:
                raise
