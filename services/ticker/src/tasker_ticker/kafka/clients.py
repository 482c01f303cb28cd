"""The Kafka clients of a ticker process, on a real broker."""

import asyncio
from typing import Self

from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health
from tasker_runtime.kafka.connection import KafkaConnection
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_ticker.kafka.calendar_reader import CalendarReader
from tasker_ticker.kafka.chain_reader import ChainReader
from tasker_ticker.kafka.event_decoder import EventDecoder
from tasker_ticker.kafka.transaction import FencedProducer, ticker_producer


class KafkaClients:
    """Within its context, the announced handlers, all chains and calendars are followed, and records can be sent."""

    def __init__(
        self, kafka: KafkaConnection, topics: Topics, partitions: int, clock: Clock, health: Health, log: Log
    ) -> None:
        self._kafka, self._topics, self._clock = kafka, topics, clock
        self._record_producer = RecordProducer(kafka)
        self.handlers = HandlerRegistryReader(self.reader, topics["handlers"], health, log)
        self.chains = ChainReader(self.reader, topics, partitions, health, log)
        self.calendars = CalendarReader(self.reader, topics, partitions, health, log)
        dead_letters = DeadLetterProducer(self._record_producer, topics["dead-letters"], "ticker")
        self.decoder = EventDecoder(
            partitions, self.handlers, self.chains, self.calendars, self._record_producer, dead_letters, log
        )

    def reader(self) -> PartitionReader:
        """A new reader, not started."""
        return PartitionReader(self._kafka)

    def producer(self, partition: int) -> FencedProducer:
        """A new producer of a partition, not started."""
        return FencedProducer(ticker_producer(self._kafka), self._topics, partition, self._clock)

    async def __aenter__(self) -> Self:
        self._following = {asyncio.create_task(table.run()) for table in (self.handlers, self.chains, self.calendars)}
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._following:
            one.cancel()
        await asyncio.wait(self._following)
        await self._record_producer.stop()
