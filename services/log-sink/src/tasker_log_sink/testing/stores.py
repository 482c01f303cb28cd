"""The collections in memory, and those in MongoDB as their equal: one suite runs on both."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

from tasker_core.documents.indexes import CollectionName
from tasker_core.documents.revisions import RevisionPosition
from tasker_core.documents.tasks import READ_AGAIN, TaskDefinitionFields, TaskDocument, TaskStateFields
from tasker_core.statistics.batch_statistics import BatchStatistics
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.batch_projection import (
    ProjectedCollection,
    StoredDocuments,
    needed_ids,
    project,
    project_tasks,
    revision_reports,
)
from tasker_log_sink.projection.collection_changes import CollectionChanges
from tasker_log_sink.projection.decoded_record import DecodedRecord
from tasker_log_sink.projection.revisions.revision_content import RevisionReport
from tasker_log_sink.projection.revisions.revision_order import tasks_to_read_whole
from tasker_log_sink.projection.tasks.next_times import next_time_changes
from tasker_log_sink.projection.tasks.task_progress import TaskProgress
from tasker_log_sink.store.partition_offsets import OffsetAdvance, OffsetConflict, StoredPosition
from tasker_log_sink.store.projection_store import ProjectionStore
from tasker_log_sink.store.store_interface import BatchStore, ProgressStore
from tasker_log_sink.testing.messages import when
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import Mongo

Documents = dict[CollectionName, dict[str, Any]]
COLLECTIONS: Final[tuple[ProjectedCollection, ...]] = (
    "tasks",
    "runs",
    "journal",
    "missed",
    "revisions",
    "handlers",
    "calendars",
    "calendar_revisions",
    "change_sets",
)
ALL: Final[tuple[CollectionName, ...]] = (*COLLECTIONS, "next_times")
CLOCK_FIELDS: Final = frozenset({"logged_at", "gone_at"})
"""Fields that say when something was written."""


class ReadableStore(BatchStore, ProgressStore, Protocol):
    """A store whose documents a test can read."""

    async def all(self) -> Documents:
        """All documents by their ids."""
        ...


class InMemoryStore:
    """The collections as dictionaries: the same rules, no database.

    Each of `errors` makes one call fail. Numbers over `max_storable` can't be stored.
    """

    def __init__(self) -> None:
        self.documents: Documents = {name: {} for name in ALL}
        self.positions: dict[TopicPartition, StoredPosition] = {}
        self.statistics: list[BatchStatistics] = []
        self.errors: list[Exception] = []
        self.max_storable = 2**63 - 1

    async def claim(self, partitions: Sequence[TopicPartition], now: datetime) -> dict[TopicPartition, StoredPosition]:
        """As BatchStore says."""
        del now
        self._fail()
        return {one: self.positions.setdefault(one, StoredPosition(0, 0)) for one in partitions}

    async def apply(
        self, advances: Sequence[OffsetAdvance], records: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, TaskProgress]:
        """As BatchStore says."""
        self._fail()
        positions = dict(self.positions)
        for one in advances:
            position = positions.get(one.partition)
            if position is None or position.next_offset != one.stored:
                raise OffsetConflict(str(one.partition))
            tasks_offset = 0 if one.next_offset < one.stored else position.tasks_offset
            positions[one.partition] = StoredPosition(one.next_offset, tasks_offset)
        stored = self._stored(needed_ids(records), revision_reports(records))
        batch = project(records, stored, now)
        for changes in batch.changes.values():
            for document in [*changes.inserts, *(fields for _, fields in changes.updates)]:
                self._check_storable(document)
        for name, changes in batch.changes.items():
            self._write(name, changes)
        self._write_next_times(batch.changes["tasks"], stored.tasks)
        self.positions = positions
        self.statistics.append(batch.statistics)
        return batch.progress

    async def write_progress(self, progress: Mapping[str, TaskProgress], now: datetime) -> None:
        """As ProgressStore says."""
        self._fail()
        stored = self._stored({"tasks": list(progress)}).tasks
        changes = project_tasks({task_id: [one] for task_id, one in progress.items()}, stored, now)
        self._write("tasks", changes)
        self._write_next_times(changes, stored)

    async def save_progress_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        """As ProgressStore says."""
        self._fail()
        for partition, offset in offsets.items():
            position = self.positions[partition]
            self.positions[partition] = position._replace(tasks_offset=max(position.tasks_offset, offset))

    async def all(self) -> Documents:
        """All documents by their ids."""
        return self.documents

    def _check_storable(self, document: Mapping[str, object]) -> None:
        if any(isinstance(value, int) and value > self.max_storable for value in document.values()):
            raise OverflowError("an integer that is too large")

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def _stored(
        self, ids: Mapping[ProjectedCollection, Sequence[str]], reports: Sequence[RevisionReport] = ()
    ) -> StoredDocuments:
        found: dict[ProjectedCollection, dict[str, Any]] = {name: {} for name in COLLECTIONS}
        for name, some in ids.items():
            found[name] = {one: deepcopy(self.documents[name][one]) for one in some if one in self.documents[name]}
        for task in found["tasks"].values():
            for unread in TaskDefinitionFields.__annotations__.keys() - READ_AGAIN:
                del task[unread]
        standing = self._revisions(ids.get("revisions", ()), standing=True)
        late = tasks_to_read_whole(reports, standing)
        return replace(StoredDocuments(**found), revisions=standing | self._revisions(late))

    def _revisions(self, task_ids: Sequence[str], *, standing: bool = False) -> dict[str, list[RevisionPosition]]:
        found: dict[str, list[RevisionPosition]] = {}
        for one in self.documents["revisions"].values():
            if one["task_id"] in task_ids and not (standing and one["superseded_at"] is not None):
                position: Any = {name: deepcopy(one[name]) for name in RevisionPosition.__annotations__}
                found.setdefault(one["task_id"], []).append(position)
        return found

    def _write_next_times(
        self, changes: CollectionChanges[TaskDocument], stored: Mapping[str, TaskStateFields]
    ) -> None:
        moved, gone = next_time_changes(changes, stored)
        self.documents["next_times"].update({one: {"_id": one, **times} for one, times in moved.items()})
        for task_id in gone:
            self.documents["next_times"].pop(task_id, None)

    def _write(self, name: ProjectedCollection, changes: CollectionChanges[Any]) -> None:
        for document in changes.inserts:
            if document["_id"] in self.documents[name]:
                raise ValueError(f"duplicate key {document['_id']}")
            self.documents[name][document["_id"]] = deepcopy(document)
        for one, fields in changes.updates:
            self.documents[name][one] |= deepcopy(fields)
            for field in changes.optional:
                if field not in fields:
                    self.documents[name][one].pop(field, None)


class ReadableProjectionStore(ProjectionStore):
    """The store in MongoDB with all that it holds."""

    def __init__(self, mongo: Mongo, cluster_id: str = "cluster") -> None:
        super().__init__(mongo, cluster_id, "t")
        self.mongo = mongo

    async def all(self) -> Documents:
        """All documents by their ids."""
        return {
            name: {document["_id"]: document for document in await self.mongo.database[name].find().to_list(None)}
            for name in ALL
        }


def next_times_of(documents: Documents) -> dict[str, dict[str, Any]]:
    """What `next_times` must hold, by the tasks."""
    tasks = {one: task for one, task in documents["tasks"].items() if not task["deleted"]}
    return {one: {"_id": one, "next_at": task["next_at"], "due_at": task["due_at"]} for one, task in tasks.items()}


def without_clock_fields(documents: Documents) -> Documents:
    """Documents without what the clock put into them."""
    return {
        name: {one: {k: v for k, v in document.items() if k not in CLOCK_FIELDS} for one, document in some.items()}
        for name, some in documents.items()
    }


async def applied(*messages: bytes, store: InMemoryStore | None = None) -> InMemoryStore:
    """A store to which messages were applied one by one, each with its progress at once."""
    store = store or InMemoryStore()
    for message in messages:
        source = "results" if b'"run.' in message else "verdicts"
        progress = await store.apply([], [decode_record(source, message)], when(1000))
        await store.write_progress(progress, when(1000))
    return store
