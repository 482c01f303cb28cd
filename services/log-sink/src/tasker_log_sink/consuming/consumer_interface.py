"""What is asked of the consumer and of its subscriber: FastStream's and those of tests do it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import TopicPartition

BatchHandler = Callable[[Sequence[Record]], Awaitable[None]]


class PartitionConsumer(Protocol):
    """The member of the consumer group, as aiokafka's consumer is one."""

    def assignment(self) -> frozenset[TopicPartition] | set[TopicPartition]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    def last_poll_timestamp(self, partition: TopicPartition) -> int | None: ...
    async def position(self, partition: TopicPartition) -> int: ...
    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None: ...
    async def beginning_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]: ...
    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]: ...


class Subscriber(Protocol):
    """Reads with a consumer, and hands each batch to the handler."""

    @property
    def consumer(self) -> PartitionConsumer:
        """The consumer. There is none before the broker has started."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether its loop goes on."""
        ...

    def buffered(self) -> frozenset[TopicPartition]:
        """The partitions whose fetched records wait to be read: nothing more is asked of them meanwhile."""
        ...

    def handle(self, handler: BatchHandler) -> None:
        """Hand every batch to `handler`, one after the other."""
        ...
