"""One MongoDB transaction per batch: the documents together with the applied offset of each partition."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from tasker_core.errors import TaskerError
from tasker_log_sink.consuming.decoding import DecodedRecord
from tasker_log_sink.metrics import RETRIES
from tasker_log_sink.projection.batch_projection import (
    CollectionChanges,
    CollectionName,
    needed_ids,
    project,
    project_tasks,
)
from tasker_log_sink.projection.task_progress import TaskProgress
from tasker_log_sink.projection.tasks import UNREAD, Document
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import BulkWriteError, Mongo, UpdateOne, duplicate_key, session_id

READ_SECONDS = 3.0
ID_ONLY = {"_id": 1}
PROJECTIONS: dict[CollectionName, dict[str, int] | None] = {
    "handlers": None,
    "journal": {"verdict": 1},
    "missed": ID_ONLY,
    "runs": None,
    "tasks": dict.fromkeys(UNREAD, 0),
}


class OffsetConflict(TaskerError):
    """Another member has moved a partition's applied offset."""


class StoredPosition(NamedTuple):
    """Where a partition stands: the first offset not applied, and the first whose moves may not be made yet."""

    next_offset: int
    tasks_offset: int


class OffsetAdvance(NamedTuple):
    """A partition's applied offset moves from `stored` to `next_offset`."""

    partition: TopicPartition
    stored: int
    next_offset: int
    watermark: datetime | None


class ProjectionStore:
    """The projection in MongoDB, for the records of one Kafka cluster."""

    def __init__(self, mongo: Mongo, cluster_id: str) -> None:
        self._mongo, self.cluster_id = mongo, cluster_id
        self._applying: Any = None
        self._moving: Any = None

    async def open(self) -> None:
        """Open the sessions of our transactions. Raises PyMongoError."""
        self._applying, self._moving = await self._mongo.session(), await self._mongo.session()

    async def claim(self, partitions: Sequence[TopicPartition], now: datetime) -> dict[TopicPartition, StoredPosition]:
        """Take partitions over and tell where they stand. Raises PyMongoError.

        A transaction that the one before us left open is ended. He may still be alive: then it is started again, and
        the compare-and-set finds out for whom.
        """
        ids = {self._id(partition): partition for partition in partitions}
        ours = [session_id(self._applying), session_id(self._moving)]
        with self._mongo.within(READ_SECONDS):
            standing = await self._claimed(list(ids))
            if others := {one for document in standing for one in document["sessions"]} - set(ours):
                await self._mongo.kill(others)
            claims = [
                UpdateOne(
                    {"_id": one}, {"$set": {"sessions": ours}, "$setOnInsert": self._new(partition, now)}, upsert=True
                )
                for one, partition in ids.items()
            ]
            await self._mongo.majority("partitions").bulk_write(claims, ordered=False)
            standing = await self._claimed(list(ids))
        return {ids[found["_id"]]: StoredPosition(found["next_offset"], found["tasks_offset"]) for found in standing}

    async def other_clusters(self, topic: str) -> list[str]:
        """The clusters whose records of a topic are applied, when ours is not among them. Raises PyMongoError."""
        with self._mongo.within(READ_SECONDS):
            found = await self._mongo.majority("partitions").distinct("cluster_id", {"topic": topic})
        return [] if self.cluster_id in found else sorted(found)

    async def apply(
        self, advances: Sequence[OffsetAdvance], facts: Sequence[DecodedRecord], now: datetime
    ) -> dict[str, TaskProgress]:
        """Write what the facts change and move the offsets, all or nothing; returns the moves that are left to `move`.

        Raises OffsetConflict when a partition is not where the batch starts, PyMongoError when MongoDB fails (the
        outcome is then unknown: read the position again), one of UNSTORABLE when a document cannot be stored.
        """
        ids = needed_ids(facts)

        session = self._applying

        async def work() -> dict[str, TaskProgress]:
            await self._advance(session, advances, now)
            stored: dict[CollectionName, dict[str, Document]] = {}
            for name, some in ids.items():
                stored[name] = await self._stored(session, name, some)
            projected = project(facts, stored, now)
            for name, changes in projected.changes.items():
                await self._write(session, name, changes)
            return projected.moves

        try:
            return await self._mongo.transaction(session, work, RETRIES.inc)
        except BulkWriteError as error:
            if not duplicate_key(error):
                raise
            raise OffsetConflict("another member stored the same documents") from None

    async def move(self, moves: Mapping[str, TaskProgress], now: datetime) -> None:
        """Make moves, which may be repeated. Raises PyMongoError."""
        short = [move.update(task_id) for task_id, move in moves.items()]
        updates = [UpdateOne(matching, {"$set": fields}) for matching, fields in short]
        done = await self._mongo.database["tasks"].bulk_write(updates, ordered=False)
        if done.matched_count == len(moves):
            return

        session = self._moving

        async def work() -> None:
            stored = await self._stored(session, "tasks", list(moves))
            await self._write(session, "tasks", project_tasks({i: [move] for i, move in moves.items()}, stored, now))

        await self._mongo.transaction(session, work, RETRIES.inc)

    async def moved(self, reached: Mapping[TopicPartition, int]) -> None:
        """Note up to which offsets all moves are made. Raises PyMongoError."""
        notes = [
            UpdateOne({"_id": self._id(partition)}, {"$max": {"tasks_offset": offset}})
            for partition, offset in reached.items()
        ]
        await self._mongo.database["partitions"].bulk_write(notes, ordered=False)

    async def _claimed(self, ids: list[str]) -> list[Document]:
        found: list[Document] = await self._mongo.majority("partitions").find({"_id": {"$in": ids}}).to_list(None)
        return found

    async def _advance(self, session: Any, advances: Sequence[OffsetAdvance], now: datetime) -> None:
        """The compare-and-set, first in the transaction: who comes second learns it before doing any work."""
        moves: list[UpdateOne] = []
        for advance in advances:
            fields: Document = {"next_offset": advance.next_offset, "applied_at": now}
            if advance.watermark is not None:
                fields["watermark"] = advance.watermark
            standing = {"_id": self._id(advance.partition), "next_offset": advance.stored}
            moves.append(UpdateOne(standing, {"$set": fields}))
        if not moves:
            return
        done = await self._mongo.database["partitions"].bulk_write(moves, session=session)
        if done.matched_count < len(moves):
            raise OffsetConflict("another member moved the offset of a partition")

    async def _stored(self, session: Any, name: CollectionName, ids: list[str]) -> dict[str, Document]:
        if not ids:
            return {}
        found = self._mongo.database[name].find({"_id": {"$in": ids}}, PROJECTIONS[name], session=session)
        return {document["_id"]: document for document in await found.to_list(None)}

    async def _write(self, session: Any, name: CollectionName, changes: CollectionChanges) -> None:
        collection = self._mongo.database[name]
        if changes.inserts:
            await collection.insert_many(changes.inserts, ordered=False, session=session)
        if changes.updates:
            updates = [UpdateOne({"_id": one}, {"$set": fields}) for one, fields in changes.updates]
            await collection.bulk_write(updates, ordered=False, session=session)

    def _id(self, partition: TopicPartition) -> str:
        return f"{self.cluster_id}/{partition.topic}/{partition.partition}"

    def _new(self, partition: TopicPartition, now: datetime) -> Document:
        return {
            "cluster_id": self.cluster_id,
            "topic": partition.topic,
            "partition": partition.partition,
            "next_offset": 0,
            "tasks_offset": 0,
            "watermark": None,
            "applied_at": now,
        }
