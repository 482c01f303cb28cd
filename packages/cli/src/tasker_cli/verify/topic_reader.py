"""Reads a topic as it is, record by record, with a plain consumer."""

import asyncio
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from tasker_core.errors import TaskerError

START_SECONDS: Final = 30
ANSWER_SECONDS: Final = 30
STALL_SECONDS: Final = 60
POLL_MS: Final = 500
METADATA_SECONDS: Final = 0.05

Handle = Callable[[Any], None]
Progress = Callable[[str, int, int], None]
"""Told what is read, how many records of it are read, and about how many there are."""


class UnreadableTopic(TaskerError):
    """A topic that does not answer in time."""


class TopicMissing(TaskerError):
    """A topic that is not there."""


class TopicReader:
    """One topic, all of its partitions, in no group. What was aborted is left out."""

    def __init__(self, client_options: Mapping[str, Any], topic: str) -> None:
        self.topic, self._partitions, self._read = topic, list[TopicPartition](), 0
        self._options = client_options
        self._client: Any = None

    async def __aenter__(self) -> Self:
        """Connect, to read from the beginning. Raises TopicMissing, UnreadableTopic, KafkaError."""
        self._client = AIOKafkaConsumer(
            **self._options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=1024 * 1024,
            request_timeout_ms=20_000,
        )
        try:
            await self._answer(self._consumer.start(), START_SECONDS, "connecting to Kafka")
            names = await self._answer(self._consumer.topics(), ANSWER_SECONDS, "the list of topics")
            if self.topic not in names:  # asked for by name, it might be made
                raise TopicMissing(f"there is no topic {self.topic}: does TASKER_TOPIC_PREFIX name this Tasker?")
            numbers = await self._answer(self._numbers(), ANSWER_SECONDS, "its partitions")
            self._partitions = [TopicPartition(self.topic, number) for number in sorted(numbers)]
            self._consumer.assign(self._partitions)
        except BaseException:
            await self._stop()
            raise
        return self

    @property
    def _consumer(self) -> Any:
        """The consumer, while it is connected."""
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _numbers(self) -> set[int]:
        """The numbers of its partitions, known once the client follows the topic."""
        self._consumer.assign([TopicPartition(self.topic, 0)])
        while not (numbers := self._consumer.partitions_for_topic(self.topic)):
            await asyncio.sleep(METADATA_SECONDS)
        found: set[int] = numbers
        return found

    async def kept_since_ms(self) -> int | None:
        """Since when records are kept, by the first one of those partitions that have lost some; None: since ever."""
        firsts = await self._answer(self._consumer.beginning_offsets(self._partitions), ANSWER_SECONDS, "offsets")
        found: list[int] = []
        for partition, first in firsts.items():
            at = await self._first_record_ms(partition) if first else None
            found += [] if at is None else [at]
        return max(found, default=None)

    async def _first_record_ms(self, partition: TopicPartition) -> int | None:
        asked = {partition: 0}
        answer = await self._answer(self._consumer.offsets_for_times(asked), ANSWER_SECONDS, "offsets by time")
        return None if answer[partition] is None else answer[partition].timestamp

    async def seek_to_time(self, ms: int) -> None:
        """Go to the first record that was appended at an epoch millisecond or later, in each partition."""
        asked = dict.fromkeys(self._partitions, ms)
        answer = await self._answer(self._consumer.offsets_for_times(asked), ANSWER_SECONDS, "offsets by time")
        ends = await self._answer(self._consumer.end_offsets(self._partitions), ANSWER_SECONDS, "end offsets")
        for partition in self._partitions:
            found = answer.get(partition)
            self._consumer.seek(partition, ends[partition] if found is None else found.offset)

    async def seek_to_tail(self, records: int) -> None:
        """Go to where about so many records are left in each partition."""
        ends = await self._answer(self._consumer.end_offsets(self._partitions), ANSWER_SECONDS, "end offsets")
        firsts = await self._answer(self._consumer.beginning_offsets(self._partitions), ANSWER_SECONDS, "offsets")
        for partition in self._partitions:
            self._consumer.seek(partition, max(firsts[partition], ends[partition] - records))

    async def read_to_end(self, handle: Handle, progress: Progress) -> None:
        """Hand on every record up to the ends as they are now. Raises UnreadableTopic, KafkaError."""
        consumer = self._consumer
        consumer.resume(*self._partitions)
        ends = await self._answer(consumer.end_offsets(self._partitions), ANSWER_SECONDS, "end offsets")
        begin = {p: await self._answer(consumer.position(p), ANSWER_SECONDS, "position") for p in self._partitions}
        left = {p for p in self._partitions if begin[p] < ends[p]}
        consumer.pause(*(p for p in self._partitions if p not in left))
        total, at = self._read + sum(ends[p] - begin[p] for p in left), begin
        loop = asyncio.get_running_loop()
        moved_at = loop.time()
        while left:
            batches = await consumer.getmany(*left, timeout_ms=POLL_MS)
            for partition, records in batches.items():
                for record in records:
                    if record.offset < ends[partition]:
                        handle(record)
                        self._read += 1
            before = at
            at = {p: await self._answer(consumer.position(p), ANSWER_SECONDS, "position") for p in left}
            for partition in [p for p in left if at[p] >= ends[p]]:
                consumer.seek(partition, ends[partition])  # what came meanwhile is for the next reading
                consumer.pause(partition)
                left.remove(partition)
            if any(at[p] > before[p] for p in at):
                moved_at = loop.time()
            elif loop.time() - moved_at > STALL_SECONDS:
                raise UnreadableTopic(f"{self.topic}: nothing more came for {STALL_SECONDS} s, though there is more")
            progress(self.topic, self._read, total)

    async def _answer(self, wait: Any, seconds: float, what: str) -> Any:
        try:
            async with asyncio.timeout(seconds):
                return await wait
        except TimeoutError:
            raise UnreadableTopic(f"{self.topic}: {what}: no answer within {seconds} s") from None

    async def _stop(self) -> None:
        """In a task of its own: it awaits what it has cancelled, and that must not become our cancellation."""
        task = asyncio.ensure_future(self._consumer.stop())
        await asyncio.wait({task}, timeout=5)
        task.cancel()
