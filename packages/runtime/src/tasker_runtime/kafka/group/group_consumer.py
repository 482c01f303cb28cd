"""The typed face of a consumer group's member. Every wait has a bound.

aiokafka 0.14 rebalances eagerly: pause flags and positions are reset even for partitions that stay, heartbeats rest
while the callbacks run, and an exception in one is swallowed. So callbacks only note what happened, and must be quick.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.structs import OffsetAndMetadata

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import START_SECONDS, bounded, record_of, stop_bounded
from tasker_runtime.kafka.connecting import connect
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.group.commit_guard import guard_commits

Assigned = Callable[[frozenset[TopicPartition]], Awaitable[None]]

SESSION_MS = 6_000
HEARTBEAT_MS = 500  # so late a member may hear that another has joined or left
NO_PARTITION = TopicPartition("", -1)


class PartitionProgress(NamedTuple):
    """The offset that is read next, and the one that will be written next."""

    position: int
    end: int


class KeptOffsets(NamedTuple):
    """The offsets [first, end) are those that Kafka holds."""

    first: int
    end: int


async def committed_offsets(
    consumer: Any, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, tuple[int, str]]:
    """(committed offset, metadata) of the group of a consumer of aiokafka, for the partitions that have one.

    Raises KafkaError or KafkaTimeout.
    """
    asked = consumer._coordinator.fetch_committed_offsets(list(partitions))  # the public call drops metadata
    found: dict[TopicPartition, Any] = await bounded(asked, START_SECONDS, "committed offsets")
    return {tp: (at.offset, at.metadata or "") for tp, at in found.items() if at.offset >= 0}


class _Listener(ConsumerRebalanceListener):
    def __init__(self, assigned: Assigned, revoked: Assigned) -> None:
        self._assigned, self._revoked = assigned, revoked

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        await self._assigned(frozenset(assigned))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] -- awaited
        await self._revoked(frozenset(revoked))


class GroupConsumer:
    """One member of a consumer group: dynamic membership, range assignor, commits only on request."""

    def __init__(
        self, connection: KafkaConnection, group: str, topics: Iterable[str], *, assigned: Assigned, revoked: Assigned
    ) -> None:
        self._connection, self._topics, self._listener = connection, list(topics), _Listener(assigned, revoked)
        self._consumer: Any = AIOKafkaConsumer(
            **connection.client_options(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=10_000,
            fetch_max_wait_ms=250,
            max_partition_fetch_bytes=1024 * 1024,
            request_timeout_ms=10_000,
            retry_backoff_ms=100,
            metadata_max_age_ms=60_000,
        )

    async def start(self) -> None:
        """Connect and join the group. Raises KafkaError or KafkaTimeout."""
        self._consumer.subscribe(self._topics, listener=self._listener)
        await connect(self._consumer.start(), self._connection, "joining the group")
        guard_commits(self._consumer)

    async def poll(
        self, wait_ms: int, limit: int | None = None, partitions: Collection[TopicPartition] | None = None
    ) -> list[Record]:
        """The records that come within `wait_ms`, of given partitions (None: of all); calling it is also what keeps
        the membership. A partition that is left out keeps what was fetched of it, and no more is fetched."""
        wanted = () if partitions is None else partitions or (NO_PARTITION,)
        got = await self._consumer.getmany(*wanted, timeout_ms=wait_ms, max_records=limit)
        return [record_of(raw) for batch in got.values() for raw in batch]

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch no more of these until the next rebalance."""
        self._consumer.pause(*partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        self._consumer.seek(partition, offset)

    async def committed(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, tuple[int, str]]:
        """(committed offset, metadata) of the group, for the partitions that have one.

        Raises KafkaError or KafkaTimeout.
        """
        return await committed_offsets(self._consumer, partitions)

    async def progress(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, PartitionProgress]:
        """How far each of these partitions of ours is read, and where it ends as the isolation level shows it.

        Raises KafkaError or KafkaTimeout, which it also does while a rebalance goes on.
        """
        ends: dict[TopicPartition, int] = await bounded(
            self._consumer.end_offsets(list(partitions)), START_SECONDS, "end offsets"
        )
        positions = [await bounded(self._consumer.position(partition), START_SECONDS, "position") for partition in ends]
        return {
            partition: PartitionProgress(position, end)
            for (partition, end), position in zip(ends.items(), positions, strict=True)
        }

    async def kept(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, KeptOffsets]:
        """The first offset of each partition that Kafka still holds, and its end. Raises KafkaError or KafkaTimeout."""
        asked = list(partitions)
        if not asked:
            return {}
        firsts = await bounded(self._consumer.beginning_offsets(asked), START_SECONDS, "first offsets")
        ends = await bounded(self._consumer.end_offsets(asked), START_SECONDS, "end offsets")
        return {partition: KeptOffsets(firsts[partition], ends[partition]) for partition in asked}

    async def ping(self, seconds: float) -> None:
        """Ask the group's coordinator for a sign of life. Raises KafkaError or KafkaTimeout."""
        asked = self._consumer._coordinator.fetch_committed_offsets([TopicPartition(self._topics[0], 0)])
        await bounded(asked, seconds, "the group's coordinator")

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]], seconds: float = 5.0) -> None:
        """Commit (next offset, metadata) per partition.

        Raises KafkaError when this member is no longer the partitions' owner or joins again (a fresh proof of
        membership when it does not), KafkaTimeout when there is no answer.
        """
        positions = {tp: OffsetAndMetadata(offset, metadata) for tp, (offset, metadata) in offsets.items()}
        await bounded(self._consumer.commit(positions), seconds, "committing offsets")

    async def stop(self) -> None:
        """Leave the group and disconnect, within a bound."""
        await stop_bounded(self._consumer.stop(), "a group member")
