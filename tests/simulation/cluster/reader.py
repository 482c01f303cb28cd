"""Simulated clients besides the transactional producer: the reader of partitions and the producer of single records."""

import asyncio
from collections.abc import Sequence

from tasker_core.kafka_record import Record, RecordPosition
from tasker_runtime.kafka.client import TopicPartition, bounded
from tests.simulation.cluster.broker import PartitionLog, SimulatedBroker
from tests.simulation.cluster.network import Network


class SimulatedReader:
    """Reads committed records, in no group: a CommittedReader."""

    def __init__(self, process: str, broker: SimulatedBroker, network: Network) -> None:
        self._process, self._broker, self._network = process, broker, network
        self._logs: dict[TopicPartition, PartitionLog] = {}
        self._positions: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Connect."""
        await self._network.request(self._process, "group", lambda: None)

    def assign(self, *partitions: TopicPartition, fetch_ms: int = 0) -> None:
        """Read these partitions from now on; no fetch is held."""
        self._logs = {one: self._broker.log(one.topic, one.partition) for one in partitions}
        self._positions = {one: log.start for one, log in self._logs.items()}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        self._positions[partition] = offset

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        """First offset kept, and the end as committed readers see it."""
        log = self._broker.log(partition.topic, partition.partition)
        return await self._network.request(self._process, "fetch", lambda: (log.start, log.stable))

    async def ends(self, *partitions: TopicPartition) -> dict[TopicPartition, int]:
        """The ends as committed readers see them."""
        logs = {one: self._broker.log(one.topic, one.partition) for one in partitions}
        return await self._network.request(
            self._process, "fetch", lambda: {one: log.stable for one, log in logs.items()}
        )

    async def position(self, partition: TopicPartition) -> int:
        """The next offset to be read."""
        return self._positions[partition]

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        """Records within a time, none when only markers come. They move the position when nothing comes with them."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_ms / 1000
        while True:
            before = dict(self._positions)
            found = [record for one in self._logs for record in self._fetch(one, limit or 500)]
            if found or self._positions != before:
                return found
            left = until - loop.time()
            if left <= 0:
                return []
            news: asyncio.Future[None] = loop.create_future()
            for log in self._logs.values():
                log.waiting.append(news)
            try:
                async with asyncio.timeout(min(left, 0.25) if self._network.down else left):
                    await news
            except TimeoutError:
                continue
            await asyncio.sleep(self._network.lag(self._process))

    async def stop(self) -> None:
        """Disconnect."""

    def _fetch(self, partition: TopicPartition, limit: int) -> list[Record]:
        if self._network.down:
            return []
        log = self._logs[partition]
        position = max(self._positions[partition], log.start)
        found, end = list[Record](), log.stable
        for entry in log.entries[position:end]:
            if entry.committed and not entry.compacted:
                found.append(
                    Record(log.topic, log.partition, entry.offset, entry.ms, entry.key, entry.value, entry.headers)
                )
                if len(found) == limit:
                    break
        self._positions[partition] = found[-1].offset + 1 if found else max(position, end)
        return found


class SimulatedRecordProducer:
    """Sends single records, acknowledged."""

    def __init__(self, process: str, broker: SimulatedBroker, network: Network) -> None:
        self._process, self._broker, self._network = process, broker, network

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        seconds: float = 10.0,
    ) -> RecordPosition:
        """Send one record and wait for its acknowledgement."""
        content = (key, value, tuple(headers))
        work = self._broker.append
        answer = self._network.request(self._process, "send", lambda: work(topic, partition or 0, content))
        return RecordPosition(partition or 0, await bounded(answer, seconds, f"sending to {topic}"))
