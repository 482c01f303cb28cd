"""The applied offset of each partition, and who may move it on."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from tasker_core.documents.partitions import (
    PartitionChanges,
    PartitionContent,
    PartitionDocument,
    PartitionField,
    WatermarkFields,
)
from tasker_core.errors import TaskerError
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.mongo import Mongo, UpdateOne, update_one

READ_SECONDS: Final = 3.0


class OffsetConflict(TaskerError):
    """The applied offset of a partition is not where a batch starts: another member has moved it."""


class StoredPosition(NamedTuple):
    """Of one partition the first offset not applied, and the first one whose progress may not be written yet."""

    next_offset: int
    tasks_offset: int


class OffsetAdvance(NamedTuple):
    """A partition's applied offset moves from `stored` to `next_offset`."""

    partition: TopicPartition
    stored: int
    next_offset: int
    watermark: WatermarkFields | None


class PartitionOffsets:
    """The collection `partitions`, for the records of one Kafka cluster."""

    def __init__(self, mongo: Mongo, cluster_id: str) -> None:
        self._mongo, self._cluster_id = mongo, cluster_id
        self._unordered: set[str] = set()
        self._found_unordered = asyncio.Event()

    async def claim(
        self, partitions: Sequence[TopicPartition], sessions: Sequence[str], now: datetime
    ) -> dict[TopicPartition, StoredPosition]:
        """Take partitions over, to write them in these sessions, and return their positions. Raises PyMongoError.

        A transaction that the owner before us left open is ended. He may still be alive: then it is started again, and
        the compare-and-set finds out for whom.
        """
        ids = {self._id(partition): partition for partition in partitions}
        with self._mongo.within(READ_SECONDS):
            found = await self._find(list(ids))
            if others := {one for document in found for one in document["sessions"]} - set(sessions):
                await self._mongo.kill(others)
            unordered = {one["_id"] for one in found if one.get("ordered_for") != one["sessions"]}
            claims = [self._claim(one, ids[one], sessions, now, ordered=one not in unordered) for one in ids]
            await self._mongo.majority("partitions").bulk_write(claims, ordered=False)
            found = await self._find(list(ids))
        if unordered:
            self._unordered |= unordered
            self._found_unordered.set()
        return {ids[one["_id"]]: StoredPosition(one["next_offset"], one["tasks_offset"]) for one in found}

    async def unordered(self) -> frozenset[str]:
        """Wait for partitions of ours whose owner before was of an earlier release, which does not write `next_times`;
        returns their ids, each once for each such taking over."""
        await self._found_unordered.wait()
        found, self._unordered = frozenset(self._unordered), set()
        self._found_unordered.clear()
        return found

    async def note_ordered(self, ids: frozenset[str], sessions: Sequence[str]) -> None:
        """Note that `next_times` is complete for these partitions, where they are still ours, and were nobody else's
        meanwhile. Raises PyMongoError."""
        matching: dict[PartitionField, Any] = {
            "_id": {"$in": sorted(ids - self._unordered)},
            "sessions": list(sessions),
        }
        changes: PartitionChanges = {"ordered_for": list(sessions)}
        await self._mongo.database["partitions"].update_many(matching, {"$set": changes})

    async def other_clusters(self, topic: str) -> list[str]:
        """The clusters whose records of a topic are applied, when ours is not among them. Raises PyMongoError."""
        field: PartitionField = "cluster_id"
        matching: dict[PartitionField, Any] = {"topic": topic}
        with self._mongo.within(READ_SECONDS):
            found = await self._mongo.majority("partitions").distinct(field, matching)
        return [] if self._cluster_id in found else sorted(found)

    async def advance(self, session: Any, advances: Sequence[OffsetAdvance], now: datetime) -> None:
        """The compare-and-set, first in the transaction: the second of two stops before it has done any work.

        Raises OffsetConflict, PyMongoError.
        """
        if not advances:
            return
        updates: list[UpdateOne] = []
        for advance in advances:
            matching: dict[PartitionField, Any] = {"_id": self._id(advance.partition), "next_offset": advance.stored}
            changes: PartitionChanges = {"next_offset": advance.next_offset, "applied_at": now}
            if advance.watermark is not None:
                changes = {**changes, **advance.watermark}
            if advance.next_offset < advance.stored:  # the topic was made again, or has lost its end
                changes["tasks_offset"] = 0
            updates.append(update_one(matching, {"$set": changes}))
        done = await self._mongo.database["partitions"].bulk_write(updates, session=session)
        if done.matched_count < len(updates):
            raise OffsetConflict("another member moved the offset of a partition")

    async def save_progress(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note up to which offsets all progress is written; a lesser one changes nothing. Raises PyMongoError."""
        updates: list[UpdateOne] = []
        for partition, offset in offsets.items():
            matching: dict[PartitionField, Any] = {"_id": self._id(partition)}
            changes: PartitionChanges = {"tasks_offset": offset}
            updates.append(update_one(matching, {"$max": changes}))
        await self._mongo.database["partitions"].bulk_write(updates, ordered=False)

    async def _find(self, ids: list[str]) -> list[PartitionDocument]:
        matching: dict[PartitionField, Any] = {"_id": {"$in": ids}}
        found: list[PartitionDocument] = await self._mongo.majority("partitions").find(matching).to_list(None)
        return found

    def _claim(
        self, one: str, partition: TopicPartition, sessions: Sequence[str], now: datetime, *, ordered: bool
    ) -> UpdateOne:
        matching: dict[PartitionField, Any] = {"_id": one}
        changes: PartitionChanges = {"sessions": list(sessions), "ordered_for": list(sessions) if ordered else []}
        new: PartitionContent = {
            "cluster_id": self._cluster_id,
            "topic": partition.topic,
            "partition": partition.partition,
            "next_offset": 0,
            "tasks_offset": 0,
            "watermark": None,
            "applied_at": now,
        }
        return update_one(matching, {"$set": changes, "$setOnInsert": new}, upsert=True)

    def _id(self, partition: TopicPartition) -> str:
        return f"{self._cluster_id}/{partition.topic}/{partition.partition}"
