"""Reads of what is known of a task's occurrences: its revisions, and the log of some nominal times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from tasker_api.queries.keyset import HIDDEN, READ_MS
from tasker_core.calendars.calendar_days import CalendarDays, calendar_days
from tasker_core.documents.calendars import CalendarRevisionDocument, CalendarRevisionField
from tasker_core.documents.calendars import revision_id as calendar_version_id
from tasker_core.documents.indexes import REVISION_RETENTION_SECONDS, RUN_RETENTION_SECONDS, TTL
from tasker_core.documents.missed_occurrences import MissedDocument, MissedField
from tasker_core.documents.partitions import PartitionDocument, PartitionField
from tasker_core.documents.revisions import REVISION_ORDER, RevisionDocument, RevisionField
from tasker_core.documents.runs import RunDocument, RunField
from tasker_core.ids import Kind
from tasker_core.topics import partition_of
from tasker_runtime.mongo import Mongo

RevisionQuery = dict[RevisionField, Any]
MissedQuery = dict[MissedField, Any]
RunQuery = dict[RunField, Any]
CalendarQuery = dict[CalendarRevisionField, Any]
PartitionQuery = dict[PartitionField, Any]
MAX_REVISIONS: Final = 1_500
"""So many revisions of a task are looked at for one page. (One a minute for a day, the longest spread.)"""
CONTEXT: Final = 20
"""So many more are read beyond a page, for what came of those within it."""
MAX_COUNTED: Final = 10_000
"""Runs under `max_runs` are counted so far."""
RETENTION_READ: Final = 60
_OLDEST_FIRST: Final[Sequence[tuple[RevisionField, int]]] = [(field, 1) for field in REVISION_ORDER]
_NEWEST_FIRST: Final[Sequence[tuple[RevisionField, int]]] = [(field, -1) for field in REVISION_ORDER]


class Retention(NamedTuple):
    """How long runs and missed ranges, and revisions that are superseded, are kept, in seconds."""

    log: int
    revisions: int


@dataclass(frozen=True, slots=True)
class RevisionWindow:
    """The revisions of a task about some time, in their order.

    `first`: the oldest one that is kept. `floor`, `ceiling`: the times up to which none is left out; None: to the end.
    """

    revisions: Sequence[RevisionDocument]
    first: RevisionDocument | None
    floor: datetime | None
    ceiling: datetime | None


class OccurrenceQueries:
    """The collections `revisions`, `missed`, `runs` and `partitions`. `watermarks`: the name of that topic."""

    def __init__(self, mongo: Mongo, watermarks: str, partitions: int) -> None:
        self._revisions, self._missed = mongo.database["revisions"], mongo.database["missed"]
        self._runs, self._partitions = mongo.database["runs"], mongo.database["partitions"]
        self._calendars = mongo.database["calendar_revisions"]
        self._watermarks, self._count = watermarks, partitions
        self._retention, self._read_at = Retention(RUN_RETENTION_SECONDS, REVISION_RETENTION_SECONDS), -RETENTION_READ

    async def retention(self, now: int) -> Retention:
        """How long MongoDB keeps them, by its own indexes; it is read once a minute. `now` is in epoch seconds."""
        if now - self._read_at >= RETENTION_READ:
            runs, missed = await self._expiry(self._runs), await self._expiry(self._missed)
            log = min(runs or RUN_RETENTION_SECONDS, missed or RUN_RETENTION_SECONDS)
            revisions = await self._expiry(self._revisions) or REVISION_RETENTION_SECONDS
            self._retention, self._read_at = Retention(log, revisions), now
        return self._retention

    async def _expiry(self, collection: Any) -> int | None:
        found: Mapping[str, Mapping[str, Any]] = await collection.index_information()
        return found.get("retention", {}).get(TTL)

    async def revisions(self, task_id: str, at: datetime, *, before: bool) -> RevisionWindow:
        """Those about a time; `before` it as many as may be, else after it."""
        older: RevisionQuery = {"task_id": task_id, "effective_from": {"$lt": at}}
        newer: RevisionQuery = {"task_id": task_id, "effective_from": {"$gte": at}}
        backwards = await self._found(older, _NEWEST_FIRST, (MAX_REVISIONS if before else 0) + CONTEXT)
        forwards = await self._found(newer, _OLDEST_FIRST, MAX_REVISIONS + CONTEXT)
        floor = ceiling = None
        if before and len(backwards) == MAX_REVISIONS + CONTEXT:
            floor = backwards[MAX_REVISIONS]["effective_from"]
        if len(forwards) == MAX_REVISIONS + CONTEXT:
            ceiling = forwards[MAX_REVISIONS]["effective_from"]
        found = [*await self._finished_before(backwards), *reversed(backwards), *forwards]
        first = await self._found({"task_id": task_id}, _OLDEST_FIRST, 1)
        return RevisionWindow(found, first[0] if first else None, floor, ceiling)

    async def _finished_before(self, newest_first: Sequence[RevisionDocument]) -> list[RevisionDocument]:
        """The last one before those that says that its task is finished: those may be edits of the finished task."""
        if len(newest_first) < CONTEXT:
            return []
        oldest = newest_first[-1]
        query: RevisionQuery = {
            "task_id": oldest["task_id"],
            "effective_from": {"$lt": oldest["effective_from"]},
            "generation": oldest["generation"],
            "finished": {"$ne": None},
        }
        return await self._found(query, _NEWEST_FIRST, 1)

    async def _found(
        self, query: RevisionQuery, order: Sequence[tuple[RevisionField, int]], limit: int
    ) -> list[RevisionDocument]:
        found: Any = self._revisions.find(query, max_time_ms=READ_MS).sort(order).limit(limit)
        return await found.to_list(limit)

    async def calendar_days(self, revisions: Sequence[RevisionDocument]) -> dict[tuple[str, int], CalendarDays]:
        """The days of the versions of calendars that revisions are under, as far as they are known."""
        used = {calendar_version_id(*use) for one in revisions for use in one["calendars"].items()}
        if not used:
            return {}
        query: CalendarQuery = {"_id": {"$in": sorted(used)}}
        found: list[CalendarRevisionDocument] = await self._calendars.find(query, max_time_ms=READ_MS).to_list(None)
        return {(one["name"], one["version"]): calendar_days(one["days"]) for one in found}

    async def runs(self, run_ids: Sequence[str]) -> list[RunDocument]:
        """The runs of some ids, without what may be large."""
        query: RunQuery = {"_id": {"$in": list(run_ids)}}
        return await self._runs.find(query, HIDDEN, max_time_ms=READ_MS).to_list(None) if run_ids else []

    async def backfills(self, task_id: str, nominal: Sequence[datetime]) -> list[RunDocument]:
        """The backfilled runs of some nominal times, which are effective at these."""
        backfill: Kind = "backfill"
        query: RunQuery = {"task_id": task_id, "effective_at": {"$in": list(nominal)}, "kind": backfill}
        return await self._runs.find(query, HIDDEN, max_time_ms=READ_MS).to_list(None) if nominal else []

    async def missed(self, task_id: str, first: datetime, last: datetime, limit: int) -> list[MissedDocument]:
        """The ranges that touch [first, last], of the oldest `limit`: those of one generation are apart."""
        query: MissedQuery = {"task_id": task_id, "to_at": {"$gte": first}}
        oldest_first: MissedField = "to_at"
        cursor: Any = self._missed.find(query, max_time_ms=READ_MS).sort(oldest_first, 1).limit(limit)
        return [one for one in await cursor.to_list(limit) if one["from_at"] <= last]

    async def counted_runs(self, task_id: str, generation: int, versions: Sequence[int], limit: int) -> int:
        """How many scheduled runs of some versions of a task are in the log, counted up to a limit."""
        scheduled: Kind = "scheduled"
        query: RunQuery = {
            "task_id": task_id,
            "generation": generation,
            "kind": scheduled,
            "version": {"$in": list(versions)},
        }
        options: Mapping[str, int] = {"limit": min(limit, MAX_COUNTED), "maxTimeMS": READ_MS}
        return await self._runs.count_documents(query, **options)

    async def position(self, task_id: str) -> PartitionDocument | None:
        """How far the watermark of the task's partition is applied; of several clusters the one applied last."""
        query: PartitionQuery = {"topic": self._watermarks, "partition": partition_of(task_id, self._count)}
        newest: PartitionField = "applied_at"
        return await self._partitions.find_one(query, sort=[(newest, -1)], max_time_ms=READ_MS)
