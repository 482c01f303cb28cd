"""The statistics in MongoDB: what batches add, and how that is put together, each once.

A batch only inserts what it adds, in its own transaction: nobody else writes that document, so that batches of all
members never meet. Every few seconds what has come is merged into its minutes, hours and days and deleted, in one
transaction: two that merge the same conflict, and one of them starts again.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from tasker_core.documents.statistics import (
    PendingStatisticsDocument,
    PendingStatisticsField,
    StatisticsDocument,
    StatisticsField,
)
from tasker_core.statistics.batch_statistics import BatchStatistics, decode_batch_statistics, encode_batch
from tasker_core.statistics.run_statistics import Group, RunStatistics, by_group, stored_statistics
from tasker_core.statistics.time_units import TimeUnit, units_of
from tasker_core.time.instant import from_ms
from tasker_runtime.mongo import Mongo, ReplaceOne

MAX_PENDING: Final = 1_000
"""So many batches are merged in one transaction."""
ABANDONED: Final = timedelta(seconds=60)
"""What a member has not merged by then, another one does."""
Key = tuple[TimeUnit, str]
"""What a document is about: its time, and of what."""


class StatisticsStore:
    """The collections `stats` and `stats_pending`."""

    def __init__(self, mongo: Mongo, writer: str) -> None:
        self._mongo, self._writer = mongo, writer

    async def add(self, session: Any, batch: BatchStatistics) -> None:
        """Keep what a batch adds, in its transaction. Raises PyMongoError."""
        document: PendingStatisticsDocument = {
            "_id": uuid4().hex,
            "writer": self._writer,
            "logged_at": from_ms(batch.logged_ms),
            "data": encode_batch(batch),
        }
        await self._mongo.database["stats_pending"].insert_one(document, session=session)

    async def merge_pending(self, session: Any, now: datetime) -> int:
        """Merge, in a transaction, what our batches have added and what others left; returns how many batches.

        Raises PyMongoError.
        """
        matching: dict[PendingStatisticsField, Any] = {"logged_at": {"$lt": now - ABANDONED}}
        ours: dict[PendingStatisticsField, Any] = {"writer": self._writer}
        return await self._merge(session, {"$or": [ours, matching]})

    async def merge_all(self, session: Any) -> None:
        """Merge all that waits, whoever wrote it. Raises PyMongoError."""
        while await self._merge(session, {}):
            pass

    async def _merge(self, session: Any, matching: Mapping[str, Any]) -> int:
        pending: list[PendingStatisticsDocument] = (
            await self._mongo.database["stats_pending"].find(matching, session=session).limit(MAX_PENDING).to_list(None)
        )
        if not pending:
            return 0
        new = by_document(by_group(decode_batch_statistics(one["data"]) for one in pending))
        stored = await self.read(session, new)
        for key, statistics in stored.items():
            new[key].merge(statistics)
        await self.write(session, new)
        ids = [one["_id"] for one in pending]
        await self._mongo.database["stats_pending"].delete_many({"_id": {"$in": ids}}, session=session)
        return len(pending)

    async def read(self, session: Any, keys: Iterable[Key]) -> dict[Key, RunStatistics]:
        """What is stored of these, in a transaction. Raises PyMongoError."""
        ids = {unit.document_id(of): (unit, of) for unit, of in keys}
        matching: dict[StatisticsField, Any] = {"_id": {"$in": list(ids)}}
        found: list[StatisticsDocument] = (
            await self._mongo.database["stats"].find(matching, session=session).to_list(None)
        )
        return {ids[one["_id"]]: stored_statistics(one) for one in found}

    async def write(self, session: Any, statistics: Mapping[Key, RunStatistics]) -> None:
        """Store these in place of what there is, in a transaction. Raises PyMongoError."""
        writes = [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in _documents(statistics)]
        await self._mongo.database["stats"].bulk_write(writes, ordered=False, session=session)


def by_document(groups: Mapping[Group, RunStatistics]) -> dict[Key, RunStatistics]:
    """What is counted, by the documents that it goes into: by time, and of all, of a handler, of a partition."""
    found: dict[Key, RunStatistics] = {}
    for (minute, handler, partition), statistics in groups.items():
        subjects = ["all", f"partition/{partition}", *([] if handler is None else [f"handler/{handler}"])]
        for unit in units_of(minute):
            for of in subjects:
                found.setdefault((unit, of), RunStatistics()).merge(statistics)
    return found


def _documents(statistics: Mapping[Key, RunStatistics]) -> Iterator[StatisticsDocument]:
    for (unit, of), one in statistics.items():
        yield {
            "_id": unit.document_id(of),
            "resolution": unit.resolution,
            "at": from_ms(unit.start * 60_000),
            "of": of,
            **one.content(),
        }
