"""Events whose decoding waits for Kafka: what is due goes on meanwhile."""

import asyncio
from dataclasses import dataclass, field

import pytest

from tasker_core.events.forwarded_event import AppendPosition
from tasker_core.events.task_event import parse_event
from tasker_core.kafka_record import Record
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, TopicPartition
from tasker_runtime.testing import RecordedLog
from tasker_ticker.lead_time import LeadTime
from tasker_ticker.loop import SchedulingLoop
from tasker_ticker.scheduling.batch import TransactionBatch
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent
from tasker_ticker.testing.partition_harness import NOON, PartitionHarness
from tasker_ticker.testing.virtual_time import VirtualClock, run_in_virtual_time
from tasker_ticker.ticker_limits import TickerLimits

EVENTS = TopicPartition("task-events", 0)
DECODE_SECONDS, FIRST, COUNT = 3.0, 2.3, 5


@dataclass(slots=True)
class SlowDecodes:
    """Both an EventSource with some events, which come after a while, and the producer of a task that is due every
    second. `lateness` of each second in ms; `applied`: the offsets of the events, in their order; `batches`: how many
    each batch with any has."""

    end: float = 20
    decode_seconds: float = DECODE_SECONDS
    commit_seconds: float = 0
    count: int = COUNT
    error: Exception | None = None
    offset: int = 1
    decoding: int = 0
    clock_offset_ms: int = 0
    clock: VirtualClock = field(default_factory=VirtualClock)
    log: RecordedLog = field(default_factory=RecordedLog)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    lateness: dict[int, int] = field(default_factory=dict[int, int])
    applied: list[int] = field(default_factory=list[int])
    batches: list[int] = field(default_factory=list[int])
    sent: TransactionBatch | None = None

    async def run(self) -> "SlowDecodes":
        partition, health = PartitionHarness(), Health()
        partition.put(0, "a", {"cron": "* * * * * *"})
        partition.commit(0)
        health.expect("partition-0")
        loop = SchedulingLoop(
            partition.scheduler, self, self, self._decode, LeadTime(), self.clock, health, self.log, TickerLimits()
        )
        asyncio.get_running_loop().call_later(self.end, self.stopping.set)
        try:
            await loop.run(self.stopping, EVENTS, recover_to=0)
        finally:
            assert self.decoding == 0, "nothing goes on when the loop has ended"
        return self

    async def poll(self, wait_ms: int, limit: int | None = None) -> list[Record]:
        now = asyncio.get_running_loop().time()
        if self.offset == 1 and now + wait_ms / 1000 >= FIRST:
            await asyncio.sleep(FIRST - now)
            self.offset += self.count
            return [Record("task-events", 0, n, 0, None, b"", ()) for n in range(1, self.offset)]
        await asyncio.sleep(wait_ms / 1000)
        return []

    async def position(self, partition: TopicPartition) -> int:
        return self.offset

    async def bounds(self, partition: TopicPartition) -> tuple[int, int]:
        return 0, self.offset

    async def send(self, batch: TransactionBatch) -> None:
        self.sent = batch

    async def commit(self) -> None:
        assert self.sent is not None
        await asyncio.sleep(self.commit_seconds)
        self.batches += [self.sent.events] if self.sent.events else []
        for second in self.sent.live_seconds:
            self.lateness[second - NOON] = self.clock.now_ms() - second * 1000

    async def _decode(self, record: Record) -> IncomingEvent:
        self.decoding += 1
        try:
            await asyncio.sleep(self.decode_seconds)
        finally:
            self.decoding -= 1
        if self.error is not None:
            raise self.error
        self.applied.append(record.offset)
        return IncomingEvent(record.offset, AppendPosition(NOON * 1000, 0, record.offset), parse_event(b"{", (), None))


def test_events_that_wait_for_kafka_delay_no_second() -> None:
    clients = run_in_virtual_time(SlowDecodes().run())
    assert sorted(clients.lateness)[:19] == list(range(1, 20))
    assert max(clients.lateness.values()) < 1_000, clients.lateness
    assert clients.applied == [1, 2, 3, 4, 5]
    assert clients.log.fields_of("stalled") == []


def test_an_owner_that_stops_waits_for_no_event() -> None:
    clients = run_in_virtual_time(SlowDecodes(end=4).run())
    assert clients.applied == []


def test_an_event_that_fails_discards_the_owner() -> None:
    clients = SlowDecodes(error=KafkaError("no answer"))
    with pytest.raises(KafkaError, match="no answer"):
        run_in_virtual_time(clients.run())
    assert max(clients.lateness.values()) < 1_000


def test_events_are_decoded_while_the_clock_of_the_broker_is_waited_for() -> None:
    clients = run_in_virtual_time(SlowDecodes(decode_seconds=0, clock_offset_ms=1_500).run())
    assert len(clients.applied) == COUNT
    assert len(clients.batches) <= 2, clients.batches


def test_those_that_are_being_decoded_are_committed_together() -> None:
    """Also where a second comes in between: as one transaction for each, an import would take twice as long."""
    clients = run_in_virtual_time(SlowDecodes(decode_seconds=0.025, commit_seconds=0.03, count=40).run())
    assert sum(clients.batches) == 40
    assert len(clients.batches) <= 3, clients.batches
