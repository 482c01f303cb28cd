"""The statistics made again from the runs in the log, minute by minute, while the log sink goes on counting.

What waits to be merged is merged, the runs of a minute are read and its counts are put right in one transaction.
Whatever the log sink commits meanwhile is in both or in neither; if it touches the same minute, one of the two starts
again.

Minutes are put right since Kafka holds all results, as then the log has all runs. Older ones are only made where there
are none: after the upgrade from a release that counted nothing. What is missed and what was backfilled stays as it was
counted: no index finds it by the minute.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final

from tasker_core.documents.indexes import STATISTICS_RETENTION_SECONDS, TTL
from tasker_core.documents.runs import ANY_STATE, RunDocument, RunField
from tasker_core.documents.statistics import StatisticsDocument, StatisticsField
from tasker_core.ids import Kind
from tasker_core.statistics.logged_runs import logged_statistics
from tasker_core.statistics.run_statistics import RunStatistics
from tasker_core.statistics.time_units import TimeUnit, units_of
from tasker_core.time.instant import from_ms, to_ms
from tasker_core.topics import partition_of
from tasker_log_sink.rebuild.topic_replay import RETRY_SECONDS, TRIES, Progress
from tasker_log_sink.store.statistics_store import Key, StatisticsStore, by_document
from tasker_runtime.mongo import Mongo, PyMongoError

MARGIN: Final = timedelta(days=1)
"""What will expire so soon is left alone."""
MINUTE: Final = timedelta(minutes=1)
_BACKFILL: Final[Kind] = "backfill"
_WITHOUT: Final[Mapping[RunField, int]] = {"payload_json": 0, "result_json": 0, "attempts": 0, "error": 0, "after": 0}


class StatisticsRebuild:
    """Puts the collection `stats` right, for topics of so many partitions."""

    def __init__(self, mongo: Mongo, partitions: int, now: Callable[[], datetime], progress: Progress) -> None:
        self._mongo, self._now, self._progress = mongo, now, progress
        self._store = StatisticsStore(mongo, "rebuild")
        self._partition_of = lru_cache(maxsize=1 << 17)(partial(partition_of, partitions=partitions))

    async def run(self, kept_since: datetime | None) -> int:
        """All of it; returns how many minutes were put right. Raises PyMongoError.

        `kept_since`: since when Kafka holds all results (None: since ever).
        """
        now, changed, session = self._now(), 0, await self._mongo.session()
        indexes: dict[str, Any] = await self._mongo.database["stats"].index_information()
        of_minutes: dict[str, int] = indexes.get("retention_minute", {})  # by a setting: what has expired is not lost
        kept = timedelta(seconds=of_minutes.get(TTL, STATISTICS_RETENTION_SECONDS["minute"]))
        start = now - kept + min(MARGIN, kept / 2)
        total = (now - start) // MINUTE
        async for minute in self._minutes(start):
            is_whole = kept_since is None or minute > kept_since
            if is_whole or not await self._is_counted(minute):
                changed += await self._put_right(session, to_ms(minute) // 60_000)
            self._progress("minutes counted again", min(total, (minute - start) // MINUTE), total)
        self._progress("minutes counted again", total, total)
        return changed

    async def _minutes(self, start: datetime) -> AsyncGenerator[datetime]:
        """The minutes in which runs were due or something is counted, until there are none left."""
        due: RunField = "effective_at"
        counted: StatisticsField = "at"
        runs, stats = self._mongo.database["runs"], self._mongo.database["stats"]
        while True:
            from_start = {due: {"$gte": start}, "state": ANY_STATE}
            run: RunDocument | None = await runs.find_one(from_start, {due: 1}, sort=[(due, 1)])
            of_minutes = {"resolution": "minute", counted: {"$gte": start}}
            one: StatisticsDocument | None = await stats.find_one(of_minutes, {counted: 1}, sort=[(counted, 1)])
            found = [at for at in (run and run["effective_at"], one and one["at"]) if at]
            if not found:
                return
            minute = min(found).replace(second=0, microsecond=0)
            yield minute
            start = minute + MINUTE

    async def _is_counted(self, minute: datetime) -> bool:
        unit = TimeUnit("minute", to_ms(minute) // 60_000)
        return await self._mongo.database["stats"].find_one({"_id": unit.document_id("all")}, {"_id": 1}) is not None

    async def _put_right(self, session: Any, minute: int) -> bool:
        for left in reversed(range(TRIES)):
            try:
                return await self._mongo.transaction(session, lambda: self._work(session, minute), lambda: None)
            except PyMongoError as error:
                if not left or not error.has_error_label("TransientTransactionError"):
                    raise
            await asyncio.sleep(RETRY_SECONDS * (TRIES - left))
        raise AssertionError("the last try returns or raises")

    async def _work(self, session: Any, minute: int) -> bool:
        await self._store.merge_all(session)
        unit = TimeUnit("minute", minute)
        right = {of: one for (time, of), one in (await self._right(session, minute)).items() if time == unit}
        stored = await self._stored(session, unit)
        pairs: dict[str, tuple[RunStatistics, RunStatistics]] = {}
        for of in right.keys() | stored.keys():
            old, new = stored.get(of, RunStatistics()), right.get(of, RunStatistics())
            new.missed, new.backfilled = old.missed, old.backfilled
            if new != old:
                pairs[of] = old, new
        if not pairs:
            return False
        coarser: list[Key] = [(one, of) for one in units_of(minute) if one != unit for of in pairs]
        found = await self._store.read(session, coarser)
        changed: dict[Key, RunStatistics] = {(unit, of): new for of, (_, new) in pairs.items()}
        for key in coarser:
            changed[key] = found.get(key, RunStatistics())
            changed[key].replace(*pairs[key[1]])
        await self._store.write(session, changed)
        return True

    async def _right(self, session: Any, minute: int) -> Mapping[Key, RunStatistics]:
        """What is counted of the runs that were due in a minute."""
        begin, end = from_ms(minute * 60_000), from_ms((minute + 1) * 60_000)
        within = {"$gte": begin, "$lt": end}
        query: dict[RunField, Any] = {"state": ANY_STATE, "effective_at": within, "kind": {"$ne": _BACKFILL}}
        runs: list[RunDocument] = (
            await self._mongo.database["runs"].find(query, _WITHOUT, session=session).to_list(None)
        )
        return by_document(logged_statistics(runs, self._partition_of))

    async def _stored(self, session: Any, unit: TimeUnit) -> dict[str, RunStatistics]:
        query: dict[StatisticsField, Any] = {"resolution": unit.resolution, "at": from_ms(unit.start * 60_000)}
        of: StatisticsField = "of"
        subjects: list[str] = [
            one[of] for one in await self._mongo.database["stats"].find(query, {of: 1}, session=session).to_list(None)
        ]
        found = await self._store.read(session, [(unit, of) for of in subjects])
        return {of: one for (_, of), one in found.items()}
