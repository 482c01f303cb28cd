"""Reads topics as they are, partition by partition and record by record, with a plain consumer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from tasker_core.errors import TaskerError

START_SECONDS: Final = 30
ANSWER_SECONDS: Final = 30
STALL_SECONDS: Final = 60
POLL_MS: Final = 50
FETCH_WAIT_MS: Final = 20
"""What comes meanwhile is not waited for: a fetch that waits holds up the one for the next partition."""
METADATA_SECONDS: Final = 0.05

Handle = Callable[[Sequence[Any]], None]
"""Told some records, in their order."""
Progress = Callable[[str, int], None]
"""Told of what so many records more are read."""


class UnreadableTopic(TaskerError):
    """A topic that does not answer in time."""


class TopicMissing(TaskerError):
    """A topic that is not there."""


class KeptRecords(NamedTuple):
    """What a topic holds: how many records, from which offset on in each partition, and since when (epoch ms) it is
    whole; None: since ever."""

    begins: tuple[int, ...]
    records: int
    since_ms: int | None

    @property
    def partitions(self) -> int:
        """How many there are."""
        return len(self.begins)


class TopicReader:
    """Reads in no group, one partition at a time. What was aborted is left out."""

    def __init__(self, client_options: Mapping[str, Any], progress: Progress) -> None:
        self._options, self._progress = client_options, progress
        self._client: Any = None

    async def __aenter__(self) -> Self:
        """Connect. Raises UnreadableTopic, KafkaError."""
        self._client = AIOKafkaConsumer(
            **self._options,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=8 * 1024 * 1024,
            request_timeout_ms=20_000,
        )
        try:
            await self._answer(self._consumer.start(), START_SECONDS, "connecting to Kafka")
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

    async def kept(self, topic: str, now_ms: int, retention_ms: int | None = None) -> KeptRecords:
        """What a topic holds at a time. Raises TopicMissing, UnreadableTopic, KafkaError.

        A partition whose begin is gone is whole from the first record that is left; where records are rare, that is
        long after the last one that was deleted. Where only their age decides (`retention_ms`), all partitions keep as
        much: what is left of one tells of all, but for what is older than the retention, which need not be there.
        """
        partitions = await self._partitions(topic)
        firsts = await self._answer(self._consumer.beginning_offsets(partitions), ANSWER_SECONDS, f"{topic}: offsets")
        ends = await self._answer(self._consumer.end_offsets(partitions), ANSWER_SECONDS, f"{topic}: end offsets")
        since: int | None = None
        if cut := [partition for partition, first in firsts.items() if first]:
            asked = dict.fromkeys(cut, 0)
            answer = await self._answer(self._consumer.offsets_for_times(asked), ANSWER_SECONDS, f"{topic}: times")
            left = [now_ms if one is None else one.timestamp for one in answer.values()]
            since = max(left) if retention_ms is None else max(now_ms - retention_ms, min(left))
        begins = tuple(firsts[partition] for partition in partitions)
        return KeptRecords(begins, sum(ends[p] - firsts[p] for p in partitions), since)

    async def read(
        self, topic: str, partition: int, handle: Handle, *, from_ms: int | None = None, from_offset: int | None = None
    ) -> int:
        """Hand on every record up to the end as it is now; returns the offset from which to go on.

        `from_ms`: from what was appended then or later. Raises UnreadableTopic, KafkaError.
        """
        consumer, place = self._consumer, TopicPartition(topic, partition)
        consumer.assign([place])
        end: int = (await self._answer(consumer.end_offsets([place]), ANSWER_SECONDS, f"{topic}: end offsets"))[place]
        if from_offset is not None:
            consumer.seek(place, from_offset)
        elif from_ms is not None:
            asked = {place: max(0, from_ms)}
            answer = await self._answer(consumer.offsets_for_times(asked), ANSWER_SECONDS, f"{topic}: times")
            consumer.seek(place, end if answer[place] is None else answer[place].offset)
        else:
            firsts = await self._answer(consumer.beginning_offsets([place]), ANSWER_SECONDS, f"{topic}: offsets")
            consumer.seek(place, firsts[place])
        loop = asyncio.get_running_loop()
        at, moved_at = await self._position(place), loop.time()
        while at < end:
            for records in (await consumer.getmany(place, timeout_ms=POLL_MS)).values():
                if records[-1].offset >= end:  # what came meanwhile is for the next reading
                    records = [record for record in records if record.offset < end]
                handle(records)
                self._progress(topic, len(records))
            before, at = at, await self._position(place)
            if at > before:
                moved_at = loop.time()
            elif loop.time() - moved_at > STALL_SECONDS:
                raise UnreadableTopic(f"{topic}: nothing more came for {STALL_SECONDS} s, though there is more")
        return end

    async def _position(self, place: TopicPartition) -> int:
        found: int = await self._answer(self._consumer.position(place), ANSWER_SECONDS, f"{place.topic}: position")
        return found

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        names = await self._answer(self._consumer.topics(), ANSWER_SECONDS, f"{topic}: the list of topics")
        if topic not in names:  # asked for by name, it might be made
            raise TopicMissing(f"there is no topic {topic}: does TASKER_TOPIC_PREFIX name this Tasker?")
        numbers = await self._answer(self._numbers(topic), ANSWER_SECONDS, f"{topic}: its partitions")
        return [TopicPartition(topic, number) for number in sorted(numbers)]

    async def _numbers(self, topic: str) -> set[int]:
        """The numbers of its partitions, known once the client follows the topic."""
        self._consumer.assign([TopicPartition(topic, 0)])
        while not (numbers := self._consumer.partitions_for_topic(topic)):
            await asyncio.sleep(METADATA_SECONDS)
        found: set[int] = numbers
        return found

    async def _answer(self, wait: Any, seconds: float, what: str) -> Any:
        try:
            async with asyncio.timeout(seconds):
                return await wait
        except TimeoutError:
            raise UnreadableTopic(f"{what}: no answer within {seconds} s") from None

    async def _stop(self) -> None:
        """In a task of its own: it awaits what it has cancelled, and that must not become our cancellation."""
        task = asyncio.ensure_future(self._consumer.stop())
        await asyncio.wait({task}, timeout=5)
        task.cancel()
