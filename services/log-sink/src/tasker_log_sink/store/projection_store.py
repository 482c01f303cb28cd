"""One MongoDB transaction per batch: the documents together with the applied offset of each partition."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final

from tasker_core.documents.journal import JournalField
from tasker_core.documents.missed_occurrences import MissedField
from tasker_core.documents.rebuilds import RebuildDocument
from tasker_core.documents.revisions import RevisionField, RevisionPosition
from tasker_core.documents.tasks import READ_AGAIN, TaskDefinitionFields
from tasker_log_sink.metrics import RETRIES
from tasker_log_sink.projection.batch_projection import (
    ProjectedCollection,
    StoredDocuments,
    first_reports,
    needed_ids,
    project,
    project_tasks,
    revision_reports,
)
from tasker_log_sink.projection.collection_changes import CollectionChanges
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.revisions.revision_content import revisions_of_task, tasks_without_revision
from tasker_log_sink.projection.revisions.revision_order import tasks_to_read_whole
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict, PartitionOffsets, StoredPosition
from tasker_log_sink.store.statistics_store import StatisticsStore
from tasker_log_sink.store.task_writes import TaskWrites
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import (
    BulkWriteError,
    Mongo,
    UpdateOne,
    UpdateOperator,
    duplicate_key,
    session_id,
    update_one,
)

_VERDICT_ONLY: Final[Mapping[JournalField, int]] = {"verdict": 1}
_ID_ONLY: Final[Mapping[MissedField, int]] = {"_id": 1}
_POSITION: Final = dict.fromkeys(RevisionPosition.__annotations__, 1)
_NO_DEFINITION: Final = dict.fromkeys(TaskDefinitionFields.__annotations__.keys() - READ_AGAIN, 0)
_READ_FIELDS: Final[Mapping[ProjectedCollection, Mapping[Any, int] | None]] = {
    "calendar_revisions": _ID_ONLY,
    "calendars": None,
    "change_sets": None,
    "handlers": None,
    "journal": _VERDICT_ONLY,
    "missed": _ID_ONLY,
    "revisions": _POSITION,
    "runs": None,
    "tasks": _NO_DEFINITION,
}
LOOK_SECONDS: Final = 10.0
"""So long all runs are looked for after one was there that had seemed to be new: where one is, there may be more."""


class ProjectionStore:
    """The projection in MongoDB, for the records of one Kafka cluster: a BatchStore and a ProgressStore.

    `topic_prefix` names the set of topics; `collections` is put before the names of the collections of documents.
    `counts_runs`: whether what it logs goes into the statistics. `whole_histories`: all revisions of each task that a
    batch is about are put in order, not only what is new.
    """

    def __init__(
        self,
        mongo: Mongo,
        cluster_id: str,
        topic_prefix: str,
        collections: str = "",
        *,
        counts_runs: bool = True,
        whole_histories: bool = False,
    ) -> None:
        self._whole_histories = whole_histories
        self._mongo, self.cluster_id, self._topic_prefix = mongo, cluster_id, topic_prefix
        self._collections, self._counts_runs = collections, counts_runs
        self._offsets = PartitionOffsets(mongo, cluster_id)
        self._task_writes = TaskWrites(mongo, collections)
        self._looks_until = float("-inf")
        self._writing_tasks = asyncio.Lock()  # of two transactions that write the same tasks, one starts again
        self._batch_session: Any = None
        self._progress_session: Any = None
        self._statistics_session: Any = None
        self._statistics: StatisticsStore | None = None

    async def open(self) -> None:
        """Open the sessions of our transactions. Raises PyMongoError."""
        self._batch_session, self._progress_session = await self._mongo.session(), await self._mongo.session()
        self._statistics_session = await self._mongo.session()
        if self._counts_runs:
            self._statistics = StatisticsStore(self._mongo, session_id(self._batch_session))

    async def claim(self, partitions: Sequence[TopicPartition], now: datetime) -> dict[TopicPartition, StoredPosition]:
        """As BatchStore says."""
        return await self._offsets.claim(partitions, self._session_ids(), now)

    async def unordered(self) -> frozenset[str]:
        """Wait for partitions that were taken over from a member that does not write `next_times`."""
        return await self._offsets.unordered()

    async def note_ordered(self, partitions: frozenset[str]) -> None:
        """Note that `next_times` is complete for these. Raises PyMongoError."""
        await self._offsets.note_ordered(partitions, self._session_ids())

    def _session_ids(self) -> list[str]:
        return [session_id(one) for one in (self._batch_session, self._progress_session, self._statistics_session)]

    async def other_clusters(self, topic: str) -> list[str]:
        """The clusters whose records of a topic are applied, when ours is not among them. Raises PyMongoError."""
        return await self._offsets.other_clusters(topic)

    async def finished_rebuild(self) -> datetime | None:
        """When the last rebuild began that is done; None when there is none. Raises PyMongoError."""
        found: RebuildDocument | None = await self._mongo.majority("rebuilds").find_one({"_id": self._topic_prefix})
        return None if found is None or found["finished_at"] is None else found["started_at"]

    async def apply(
        self, advances: Sequence[OffsetAdvance], records: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, TaskProgress]:
        """As BatchStore says.

        Runs that are most likely reported for the first time are inserted without looking for them: that they are not
        there is for MongoDB to say, and then all are looked for.
        """
        ids, looks_again = needed_ids(records), False
        if monotonic() >= self._looks_until and (first := first_reports(records)):
            reported_before = [run_id for run_id in ids["runs"] if run_id not in first]
            try:
                return await self._apply(advances, records, {**ids, "runs": reported_before}, now)
            except BulkWriteError as error:
                if not duplicate_key(error):
                    raise
                looks_again = True
        try:
            return await self._apply(advances, records, ids, now)
        except BulkWriteError as error:
            if not duplicate_key(error):
                raise
            raise OffsetConflict("another member stored the same documents") from None
        finally:
            if looks_again:
                self._looks_until = monotonic() + LOOK_SECONDS  # from its end on, however long it took

    async def _apply(
        self,
        advances: Sequence[OffsetAdvance],
        records: Sequence[DecodedRecord],
        ids: Mapping[ProjectedCollection, list[str]],
        now: datetime,
    ) -> dict[str, TaskProgress]:
        """Raises also BulkWriteError where a document is there that is not among those of `ids`."""
        session = self._batch_session

        async def work() -> dict[str, TaskProgress]:
            await self._offsets.advance(session, advances, now)
            stored = StoredDocuments(
                calendar_revisions=await self._read(session, "calendar_revisions", ids["calendar_revisions"]),
                calendars=await self._read(session, "calendars", ids["calendars"]),
                change_sets=await self._read(session, "change_sets", ids["change_sets"]),
                handlers=await self._read(session, "handlers", ids["handlers"]),
                journal=await self._read(session, "journal", ids["journal"]),
                missed=await self._read(session, "missed", ids["missed"]),
                revisions=await self._read_revisions(session, ids["revisions"], records),
                runs=await self._read(session, "runs", ids["runs"]),
                tasks=await self._read(session, "tasks", ids["tasks"]),
            )
            earlier = await self._earlier_revisions(session, records, stored)
            batch = project([*earlier, *records], stored, now)
            for name, changes in batch.changes.items():
                if name == "tasks":
                    await self._task_writes.write(session, changes, stored.tasks)
                else:
                    await self._write(session, name, changes)
            if self._statistics is not None and batch.statistics:
                await self._statistics.add(session, batch.statistics)
            return batch.progress

        if not ids["tasks"]:
            return await self._mongo.transaction(session, work, RETRIES.inc)
        async with self._writing_tasks:
            return await self._mongo.transaction(session, work, RETRIES.inc)

    async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
        """As ProgressStore says."""
        session = self._progress_session

        async def work() -> None:
            stored = await self._read(session, "tasks", list(progress))
            changes = project_tasks({task_id: [one] for task_id, one in progress.items()}, stored, now)
            await self._task_writes.write(session, changes, stored)

        async with self._writing_tasks:
            await self._mongo.transaction(session, work, RETRIES.inc)

    async def merge_statistics(self, now: datetime) -> int:
        """As MergingStore says."""
        session = self._statistics_session
        if (statistics := self._statistics) is None:
            return 0
        return await self._mongo.transaction(session, lambda: statistics.merge_pending(session, now), RETRIES.inc)

    async def save_progress_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        """As ProgressStore says."""
        await self._offsets.save_progress(offsets)

    def _collection(self, name: ProjectedCollection) -> Any:
        return self._mongo.database[f"{self._collections}{name}"]

    async def _read(self, session: Any, name: ProjectedCollection, ids: list[str]) -> dict[str, Any]:
        if not ids:
            return {}
        found = self._collection(name).find({"_id": {"$in": ids}}, _READ_FIELDS[name], session=session)
        return {document["_id"]: document for document in await found.to_list(None)}

    async def _read_revisions(
        self, session: Any, task_ids: Sequence[str], records: Sequence[DecodedRecord]
    ) -> dict[str, list[RevisionPosition]]:
        """Of tasks the revisions that stand; all of those in whose history something comes late."""
        if not task_ids:
            return {}
        if self._whole_histories:
            return await self._find_revisions(session, {"task_id": {"$in": list(task_ids)}})
        standing = await self._find_revisions(session, {"task_id": {"$in": list(task_ids)}, "superseded_at": None})
        if late := tasks_to_read_whole(revision_reports(records), standing):
            standing |= await self._find_revisions(session, {"task_id": {"$in": late}})
        return standing

    async def _earlier_revisions(
        self, session: Any, records: Sequence[DecodedRecord], stored: StoredDocuments
    ) -> list[DecodedRecord]:
        """The versions of tasks that an earlier release has written, of those that are changed now."""
        lacking = tasks_without_revision(revision_reports(records), stored.tasks, stored.revisions)
        if not lacking:
            return []
        found = self._collection("tasks").find({"_id": {"$in": lacking}}, session=session)
        return [DecodedRecord(one["_id"], revisions=revisions_of_task(one)) for one in await found.to_list(None)]

    async def _find_revisions(
        self, session: Any, matching: dict[RevisionField, Any]
    ) -> dict[str, list[RevisionPosition]]:
        found: dict[str, list[RevisionPosition]] = {}
        async for one in self._collection("revisions").find(matching, _READ_FIELDS["revisions"], session=session):
            found.setdefault(one["task_id"], []).append(one)
        return found

    async def _write(self, session: Any, name: ProjectedCollection, changes: CollectionChanges[Any]) -> None:
        collection = self._collection(name)
        if changes.inserts:
            await collection.insert_many(changes.inserts, ordered=False, session=session)
        if changes.updates:
            updates: list[UpdateOne] = []
            for one, fields in changes.updates:
                update: dict[UpdateOperator, Mapping[str, object]] = {"$set": fields}
                if lacking := {field: "" for field in changes.optional if field not in fields}:
                    update["$unset"] = lacking
                updates.append(update_one({"_id": one}, update))
            await collection.bulk_write(updates, ordered=False, session=session)
