"""Who owns which partition: the consumer group gives membership only; owners live on through a rebalance."""

import asyncio
from collections.abc import Callable

from tasker_core.errors import TaskerError
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.group_consumer import GroupConsumer
from tasker_runtime.logs import Log

POLL_MS = 200  # so long a graceful stop may take to leave the group
RETRY_SECONDS = 1.0
CHECK = "membership"


class Membership:
    """A member of the ticker's group. `changed(partitions)` is told what is ours; it must not wait."""

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topic: str,
        changed: Callable[[frozenset[int]], None],
        health: Health,
        log: Log,
    ) -> None:
        self._bootstrap, self._group, self._topic = bootstrap, group, topic
        self._changed, self._health, self._log = changed, health, log
        self._reader: GroupConsumer | None = None
        health.expect(CHECK, every_ms=120_000)

    async def prove(self, partition: int) -> None:
        """Ask the group for a fresh answer that the partition is ours, by a commit of no meaning.

        Raises KafkaError or KafkaTimeout when it is not, or when nobody answers.
        """
        if self._reader is None:
            raise KafkaError("not a member of the group")
        await self._reader.commit({TopicPartition(self._topic, partition): (0, "")})

    async def run(self, stopping: asyncio.Event) -> None:
        """Be a member until told to stop; while Kafka is away, try again and again."""
        while not stopping.is_set():
            reader = GroupConsumer(
                self._bootstrap, self._group, [self._topic], assigned=self._assigned, revoked=self._revoked
            )
            self._reader = reader
            try:
                await reader.start()
                while not stopping.is_set():
                    await reader.poll(POLL_MS)
                    self._health.ok(CHECK)
            except (TaskerError, KafkaError) as error:
                self._health.fail(CHECK, f"cannot reach Kafka at {self._bootstrap}: {error}")
                self._log.error("membership lost", reason=str(error), kafka=self._bootstrap)
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self._reader = None
                await reader.stop()

    async def _assigned(self, partitions: frozenset[TopicPartition]) -> None:
        if self._reader is not None:
            self._reader.pause(partitions)  # events are read by the owners, not by the group
        self._changed(frozenset(tp.partition for tp in partitions))

    async def _revoked(self, _partitions: frozenset[TopicPartition]) -> None:
        """Nothing: what stays ours runs on, and fencing protects what does not."""
