"""Commits what is finished, a few times a second; now and then also without news, as a proof that Kafka answers."""

import asyncio
from collections.abc import Mapping

from tasker_core.errors import TaskerError
from tasker_core.loss_note import with_note
from tasker_executor.partition.partition import LanePartition
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.kafka.group.group_consumer import GroupConsumer
from tasker_runtime.kafka.lost_records import LossNotes
from tasker_runtime.logs import Log

COMMIT_SECONDS = 0.2
PROOF_SECONDS = 5.0
CHECK = "commits"


class OffsetCommitter:
    """Commits the progress of partitions for the group, signed with the name of this process, and with the `notes`."""

    def __init__(self, writer: str, notes: LossNotes, health: Health, log: Log) -> None:
        self.writer, self.notes, self._health, self._log = writer, notes, health, log
        health.expect(CHECK)

    async def commit(
        self,
        consumer: GroupConsumer,
        partitions: Mapping[TopicPartition, LanePartition],
        *,
        seconds: float = 5.0,
        everything: bool = False,
    ) -> None:
        """Commit the partitions that have changed, or all. Raises KafkaError or KafkaTimeout."""
        offsets: dict[TopicPartition, tuple[int, str]] = {}
        changes: dict[TopicPartition, int] = {}
        partitions = dict(partitions)
        for name, partition in partitions.items():
            progress = partition.offsets.progress()
            changed = partition.offsets.changes != partition.committed_changes
            if progress is not None and (everything or changed):
                offset, metadata = progress.encode(self.writer)
                offsets[name] = offset, with_note(metadata, self.notes.of(name))
                changes[name] = partition.offsets.changes
        if not offsets:
            return
        await consumer.commit(offsets, seconds)
        for name, count in changes.items():
            partitions[name].committed_changes = count

    async def run(
        self,
        consumer: GroupConsumer,
        partitions: Mapping[TopicPartition, LanePartition],
        positioned: asyncio.Event,
    ) -> None:
        """Commit until cancelled, while `positioned` is set: while it is known which partitions are ours."""
        loop = asyncio.get_running_loop()
        proven = loop.time()
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            await positioned.wait()
            try:
                proof = loop.time() - proven >= PROOF_SECONDS
                await self.commit(consumer, partitions, everything=proof)
                if proof and not partitions:
                    await consumer.ping(PROOF_SECONDS)  # a member without partitions hears nothing of Kafka else
            except (TaskerError, KafkaError) as error:
                if not positioned.is_set():  # a rebalance has come in between
                    continue
                self._health.fail(CHECK, f"can't commit: {error}")
                self._log.warning("not committed", reason=f"{type(error).__name__}: {error}")
            else:
                proven = loop.time() if proof else proven
                self._health.ok(CHECK)
