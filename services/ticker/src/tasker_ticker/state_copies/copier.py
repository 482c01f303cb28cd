"""Keeps copies of partitions up to date, by what is committed, beside everything else."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock, is_set_within
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker import metrics
from tasker_ticker.kafka.committed_records import POLL_MS, RecordMark, holds_record, records_to
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.kafka.restore import SNAPSHOT_MS
from tasker_ticker.state_copies.copied_records import CopiedRecord, CopiedRecords
from tasker_ticker.state_copies.copy_file import Changes, CopyFile, CopyPosition
from tasker_ticker.state_copies.state_copies import StateCopies

READ_AT_ONCE, WRITTEN_AT_ONCE = 250, 5_000
RECORDS_A_SECOND: Final = 12_500
"""At most, while there are so many: at some 20 µs each it is a fourth of a core, and others are on time beside it. (By
what a portion has taken on the clock nobody can tell: it is their turns, too, and the busier they are, the more so.)"""
UNCHANGED_MS: Final = 600_000
"""So long nothing is written of a partition in which nothing changes."""
RENEWED_MS: Final = 600_000
"""So often next times that have passed are computed anew."""
SELDOM_SECONDS: Final = 1_800
"""A next time that is nearer is not written: it would have passed soon, too."""
FAILED_MS: Final = 600_000
"""So long a partition is left alone whose copy could not be written: to try costs a fourth of the time."""


class StateCopier:
    """Copies the partitions that `wanted` names, again and again, `round_seconds` after the last time."""

    def __init__(
        self,
        copies: StateCopies,
        reader: Callable[[], CommittedReader],
        topics: Topics,
        wanted: Callable[[], Iterable[int]],
        clock: Clock,
        log: Log,
        round_seconds: float,
    ) -> None:
        self._copies, self._reader, self._topics, self._wanted = copies, reader, topics, wanted
        self._clock, self._log, self._round_seconds = clock, log, round_seconds
        self._stopping = asyncio.Event()
        self._known = dict[int, tuple[CopyPosition, int]]()
        """Of the partitions that this process has copied: up to where, and the end of the partition then."""
        self._renewed_ms = dict[int, int]()
        self._failed_ms = dict[int, int]()
        self._connected: CommittedReader | None = None

    async def run(self) -> None:
        """Until `stop`. While Kafka is away it tries again in the next round."""
        try:
            while not await is_set_within(self._stopping, self._round_seconds):
                try:
                    await self.copy_wanted()
                except Exception as error:  # noqa: BLE001 - without copies a start takes longer, and nothing else
                    self._log.info("state not copied", reason=f"{type(error).__name__}: {error}")
        finally:
            if self._connected is not None:
                await self._connected.stop()

    def stop(self) -> None:
        """End soon, after the portion that is under way."""
        self._stopping.set()

    async def copy_wanted(self) -> None:
        """Bring the copies up to the end, one after the other. Raises KafkaError or KafkaTimeout if Kafka is away.

        It stays connected as long as all goes well, and reads nothing in between.
        """
        wanted = [partition for partition in self._wanted() if not self._has_failed(partition)]
        if not wanted:
            metrics.show_copies({})
            return
        await asyncio.to_thread(self._copies.remove_unused)
        reader, self._connected = self._connected, None
        try:
            if reader is None:
                reader = self._reader()
                await reader.start()
            if all([await self._copy(reader, partition) for partition in wanted if not self._stopping.is_set()]):
                self._connected = reader
            metrics.show_copies({one: self._known[one][0].as_of_ms for one in wanted if one in self._known})
        finally:
            if reader is not None and self._connected is None:
                await reader.stop()

    def _has_failed(self, partition: int) -> bool:
        failed = self._failed_ms.get(partition)
        return failed is not None and abs(self._clock.now_ms() - failed) < FAILED_MS

    async def _copy(self, reader: CommittedReader, partition: int) -> bool:
        """Whatever fails: others are copied, and this one later, from where its file says that it is."""
        known = self._known.pop(partition, None)
        try:
            self._copies.check_space()
            found = await self._copied(reader, partition, known)
            reader.assign()
            if found:
                await self._renew_times(partition, found[partition][0])
            self._known |= found
        except (TaskerError, KafkaError) as error:
            self._log.info("state not copied", partition=partition, reason=str(error))
        except Exception as error:  # noqa: BLE001 - without a copy a start takes longer, and nothing else
            self._failed_ms[partition] = self._clock.now_ms()
            self._log.warning("state not copied", partition=partition, reason=f"{type(error).__name__}: {error}")
            await self._copies.give_up(partition, error)
        else:
            return True
        return False

    async def _copied(
        self, reader: CommittedReader, partition: int, known: tuple[CopyPosition, int] | None
    ) -> dict[int, tuple[CopyPosition, int]]:
        """Bring a copy up to the end as it is now, unless it is to stop; returns what is known then."""
        file, state = self._copies.file(partition), TopicPartition(self._topics["ticker-state"], partition)
        now = self._clock.now_ms()
        first, end = await reader.bounds(state)
        before = await asyncio.to_thread(file.position)
        if before is not None and (before, end) == known and abs(now - before.as_of_ms) < UNCHANGED_MS:
            return {partition: (before, end)}
        reader.assign(state, fetch_ms=POLL_MS)
        if before is not None and not await self._can_go_on(before, reader, state, now, end):
            before = None
        reader.seek(state, first if before is None else before.last.offset + 1)
        last = None if before is None else before.last
        copied, changes = CopiedRecords(now // 1000), dict[bytes, CopiedRecord | None]()
        async for records in records_to(reader, state, end, READ_AT_ONCE):
            for record in records:
                changes[record.key or b""] = copied.of(record)
            last = RecordMark(records[-1].offset, records[-1].timestamp)
            if len(changes) >= WRITTEN_AT_ONCE:
                before, changes = await _written(file, changes, before, CopyPosition(last, now)), {}
            if await is_set_within(self._stopping, len(records) / RECORDS_A_SECOND):
                return {}
        if last is None:
            return {}
        return {partition: (await _written(file, changes, before, CopyPosition(last, now)), end)}

    async def _renew_times(self, partition: int, position: CopyPosition) -> None:
        """Compute the next times anew that have passed, now and then: of tasks that run seldom, which are the many."""
        now = self._clock.now_ms()
        if abs(now - self._renewed_ms.setdefault(partition, now)) < RENEWED_MS:
            return
        file, key, copied = self._copies.file(partition), b"", CopiedRecords(now // 1000)
        while rows := await asyncio.to_thread(file.passed, now // 1000, key, READ_AT_ONCE):
            key = rows[-1][0]
            renewed = {key: copied.under(key, value) for key, value in rows}
            lasting = {key: one for key, one in renewed.items() if (one.due or 0) >= now // 1000 + SELDOM_SECONDS}
            if lasting:
                await _written(file, lasting, position, position)
            if await is_set_within(self._stopping, len(rows) / RECORDS_A_SECOND):
                return
        self._renewed_ms[partition] = now

    @staticmethod
    async def _can_go_on(
        before: CopyPosition, reader: CommittedReader, state: TopicPartition, now: int, end: int
    ) -> bool:
        """Whether a copy is young enough for that, and of what Kafka holds."""
        return abs(now - before.as_of_ms) <= SNAPSHOT_MS and await holds_record(reader, state, before.last, end)


async def _written(file: CopyFile, changes: Changes, before: CopyPosition | None, after: CopyPosition) -> CopyPosition:
    await asyncio.to_thread(file.write, changes, before, after)
    return after
