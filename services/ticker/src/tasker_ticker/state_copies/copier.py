"""Keeps the copies of the owned partitions up to date, by what is committed, beside everything else."""

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final

from tasker_core.errors import TaskerError
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.logs import Log
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.kafka.restore import POLL_MS, SNAPSHOT_MS, RecordMark, holds_record, records_to
from tasker_ticker.state_copies.copied_records import CopiedRecord, CopiedRecords
from tasker_ticker.state_copies.copy_file import CopyFile, CopyPosition
from tasker_ticker.state_copies.state_copies import UNUSABLE, StateCopies

READ_AT_ONCE, WRITTEN_AT_ONCE = 250, 5_000
REST: Final = 3
"""So many times as long as a portion has taken, others have their turn: it is they who are on time."""
UNCHANGED_MS: Final = 600_000
"""So long nothing is written of a partition in which nothing changes."""


class StateCopier:
    """Copies the partitions that `owned` names, again and again, `round_seconds` after the last time."""

    def __init__(
        self,
        copies: StateCopies,
        reader: Callable[[], CommittedReader],
        topics: Topics,
        owned: Callable[[], Iterable[int]],
        clock: Clock,
        log: Log,
        round_seconds: float,
    ) -> None:
        self._copies, self._reader, self._topics, self._owned = copies, reader, topics, owned
        self._clock, self._log, self._round_seconds = clock, log, round_seconds
        self._stopping = asyncio.Event()
        self._positions = dict[int, CopyPosition]()
        """Up to where the copies go that this process has written."""

    async def run(self) -> None:
        """Until `stop`. While Kafka is away, or a file cannot be written, it tries again in the next round."""
        while not await self._stopped_within(self._round_seconds):
            try:
                await self.copy_owned()
            except (TaskerError, KafkaError) as error:
                self._log.info("state not copied", reason=str(error))
            except Exception as error:  # noqa: BLE001 - without copies a start takes longer, and nothing else
                self._log.error("state not copied", reason=f"{type(error).__name__}: {error}", exc_info=error)

    def stop(self) -> None:
        """End soon, after the portion that is under way."""
        self._stopping.set()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def copy_owned(self) -> None:
        """Bring the copies up to the end, one after the other. Raises KafkaError, KafkaTimeout or CopyChanged."""
        owned = list(self._owned())
        if not owned:
            return
        reader = self._reader()
        try:
            await reader.start()
            for partition in owned:
                if not self._stopping.is_set():
                    await self._copy(reader, partition)
        finally:
            await reader.stop()

    async def _copy(self, reader: CommittedReader, partition: int) -> None:
        file = self._copies.file(partition)
        before = self._positions.pop(partition, None)
        try:
            before = before or await asyncio.to_thread(file.position)
            after = await self._copied(file, reader, TopicPartition(self._topics["ticker-state"], partition), before)
        except UNUSABLE as error:
            await self._copies.give_up(file, error)
        else:
            if after is not None:
                self._positions[partition] = after

    async def _copied(
        self, file: CopyFile, reader: CommittedReader, state: TopicPartition, before: CopyPosition | None
    ) -> CopyPosition | None:
        """Bring a copy up to the end as it is now, unless it is to stop; returns up to where it goes then."""
        now = self._clock.now_ms()
        first, end = await reader.bounds(state)
        if before is not None and before.next_offset == end and abs(now - before.as_of_ms) < UNCHANGED_MS:
            return before
        reader.assign(state, fetch_ms=POLL_MS)
        if before is not None and not await self._can_go_on(before, reader, state, now, end):
            before = None
        reader.seek(state, first if before is None else before.next_offset)
        last = None if before is None else before.last
        copied = CopiedRecords(now // 1000)
        changes, began = dict[bytes, CopiedRecord | None](), perf_counter()
        async for records in records_to(reader, state, end, READ_AT_ONCE):
            for record in records:
                changes[record.key or b""] = copied.of(record)
            last = RecordMark(records[-1].offset, records[-1].timestamp)
            if len(changes) >= WRITTEN_AT_ONCE:
                before = await _written(file, changes, before, CopyPosition(last.offset + 1, last, now))
                changes.clear()
            if await self._stopped_within(REST * (perf_counter() - began)):
                return before
            began = perf_counter()
        if last is None:
            return None
        return await _written(file, changes, before, CopyPosition(end, last, now))

    @staticmethod
    async def _can_go_on(
        before: CopyPosition, reader: CommittedReader, state: TopicPartition, now: int, end: int
    ) -> bool:
        """Whether a copy is young enough for that, and of what Kafka holds."""
        return abs(now - before.as_of_ms) <= SNAPSHOT_MS and await holds_record(reader, state, before.last, end)


async def _written(
    file: CopyFile, changes: dict[bytes, CopiedRecord | None], before: CopyPosition | None, after: CopyPosition
) -> CopyPosition:
    await asyncio.to_thread(file.write, changes, before, after)
    return after
