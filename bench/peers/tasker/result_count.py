"""How often each run was reported as finished, by the raw topic: the log shows one run once, whatever executors do."""

from collections import Counter

from tasker_core.messages.runs import RunFinished, decode_result
from tasker_core.topics import Topics
from tasker_devstack.isolated_system import System
from tasker_runtime.kafka.client import TopicPartition
from tasker_runtime.kafka.partition_reader import PartitionReader

POLL_MS = 200


class ResultCount:
    """Reads on from where it was."""

    def __init__(self, system: System) -> None:
        topic = Topics(system.topic_prefix)["results"]
        self._partitions = [TopicPartition(topic, number) for number in range(system.partitions)]
        self._reader = PartitionReader(system.connection)
        self._times = Counter[str]()

    async def start(self) -> None:
        """Connect."""
        await self._reader.start()
        self._reader.assign(*self._partitions)

    async def stop(self) -> None:
        """Disconnect."""
        await self._reader.stop()

    async def doubled(self) -> dict[str, int]:
        """By run id, of runs whose end was reported more than once as of now: how often beyond the first time."""
        ends = await self._reader.ends(*self._partitions)
        while any([await self._reader.position(partition) < end for partition, end in ends.items()]):
            for record in await self._reader.poll(POLL_MS):
                result = decode_result(record.value or b"")
                if isinstance(result, RunFinished):
                    self._times[result.run_id] += 1
        return {run_id: times - 1 for run_id, times in self._times.items() if times > 1}
