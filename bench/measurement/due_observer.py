"""When due runs become visible: a committed reader on both lanes that records the time of each."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tasker_core.messages.runs import Run, decode_due
from tasker_core.time.instant import parse_ms
from tasker_core.topics import PARTITIONS, TopicName, Topics
from tasker_runtime.clock import SystemClock
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader


class DueObserver:
    """What became visible: run id → (nominal ms, arrival ms); `repeats` counts what came twice."""

    def __init__(self, reader: PartitionReader) -> None:
        self._reader, self._clock = reader, SystemClock()
        self.seen: dict[str, tuple[int, int]] = {}
        self.repeats = 0

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            records = await self._reader.poll(500)
            now = self._clock.now_ms()
            for record in records:
                run = decode_due(record.value or b"")
                if isinstance(run, Run):
                    self.repeats += run.run_id in self.seen
                    self.seen.setdefault(run.run_id, (parse_ms(run.nominal_at), now))

    def lateness(self, since_ms: int, until_ms: int) -> list[float]:
        """Milliseconds from the nominal time to the arrival, of what is nominal in [since, until)."""
        return [float(at - nominal) for nominal, at in self.seen.values() if since_ms <= nominal < until_ms]


@asynccontextmanager
async def observe_due(kafka: str, prefix: str, *lanes: TopicName) -> AsyncGenerator[DueObserver]:
    """Observe both lanes, unless one is named, from their present end, for as long as the context lasts."""
    topics, reader = Topics(prefix), PartitionReader(KafkaConnection(kafka))
    await reader.start()
    partitions = [
        TopicPartition(topics[lane], p) for lane in lanes or ("due-tasks", "due-background") for p in range(PARTITIONS)
    ]
    ends = {partition: (await reader.bounds(partition))[1] for partition in partitions}
    reader.assign(*partitions)
    for partition, end in ends.items():
        reader.seek(partition, end)
    observer = DueObserver(reader)
    task = asyncio.create_task(observer.run())
    try:
        yield observer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await reader.stop()
