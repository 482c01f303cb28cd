"""Commits what is finished, a few times a second; now and then also without news, as a proof that Kafka answers."""

import asyncio
from collections.abc import Mapping

from tasker_core.errors import TaskerError
from tasker_executor.partition.partition import Feed
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.group_consumer import GroupConsumer
from tasker_runtime.logs import Log

EVERY_SECONDS = 0.2
PROOF_SECONDS = 5.0
CHECK = "commits"


class Commits:
    """Writes the progress of feeds into the group's commits, signed with the name of this process."""

    def __init__(self, writer: str, health: Health, log: Log) -> None:
        self.writer, self._health, self._log = writer, health, log
        health.expect(CHECK)

    async def save(
        self,
        reader: GroupConsumer,
        feeds: Mapping[TopicPartition, Feed],
        *,
        seconds: float = 5.0,
        everything: bool = False,
    ) -> None:
        """Commit the feeds that have changed, or all. Raises KafkaError or KafkaTimeout."""
        offsets: dict[TopicPartition, tuple[int, str]] = {}
        changes: dict[TopicPartition, int] = {}
        feeds = dict(feeds)
        for partition, feed in feeds.items():
            progress = feed.offsets.progress()
            if progress is not None and (everything or feed.offsets.changes != feed.saved_changes):
                offsets[partition], changes[partition] = progress.commit(self.writer), feed.offsets.changes
        if not offsets:
            return
        await reader.commit(offsets, seconds)
        for partition, count in changes.items():
            feeds[partition].saved_changes = count

    async def run(self, reader: GroupConsumer, feeds: Mapping[TopicPartition, Feed], settled: asyncio.Event) -> None:
        """Save until cancelled, while it is settled which partitions are ours."""
        loop = asyncio.get_running_loop()
        proven = loop.time()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await settled.wait()
            try:
                proof = loop.time() - proven >= PROOF_SECONDS
                await self.save(reader, feeds, everything=proof)
            except (TaskerError, KafkaError) as error:
                if not settled.is_set():  # a rebalance has come in between
                    continue
                self._health.fail(CHECK, f"can't commit: {error}")
                self._log.warning("not committed", reason=f"{type(error).__name__}: {error}")
            else:
                proven = loop.time() if proof else proven
                self._health.ok(CHECK)
