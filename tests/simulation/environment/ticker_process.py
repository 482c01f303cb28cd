"""One simulated ticker process: the real service on simulated clients, with a clock of its own."""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from pydantic import JsonValue

from tasker_core.errors import FieldError
from tasker_core.handlers.built_in import payload_errors
from tasker_core.topics import Topics
from tasker_runtime.dead_letter_producer import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_ticker.kafka.calendar_reader import CalendarReader
from tasker_ticker.kafka.chain_reader import ChainReader
from tasker_ticker.kafka.event_decoder import EventDecoder
from tasker_ticker.kafka.transaction import FencedProducer
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.ticker import Ticker
from tasker_ticker.ticker_limits import TickerLimits
from tests.simulation.cluster.broker import SimulatedBroker
from tests.simulation.cluster.group_coordinator import GroupCoordinator, SimulatedMembership
from tests.simulation.cluster.network import Network
from tests.simulation.cluster.reader import SimulatedReader, SimulatedRecordProducer
from tests.simulation.cluster.transactional_producer import SimulatedTransactionalProducer
from tests.simulation.trace import ProcessLog, Trace
from tests.simulation.virtual_loop import ProcessControl, VirtualLoop, process_context

SESSION_SECONDS = 6.0
TOPICS = Topics()


class SimulatedClock:
    """The clock of one process: the broker's, and `ahead_ms`."""

    def __init__(self, broker: SimulatedBroker, ahead_ms: int) -> None:
        self._broker, self.ahead_ms = broker, ahead_ms

    def now_ms(self) -> int:
        """Epoch milliseconds as this process takes them to be."""
        return self._broker.now_ms() + self.ahead_ms


class BuiltInValidator:
    """Tasker's own handlers only: nothing is announced."""

    def errors(self, handler: str, payload: JsonValue) -> list[FieldError]:
        """What is wrong with a handler's name and a payload for it."""
        return payload_errors(handler, payload)

    async def refresh(self) -> bool:
        """There is nothing to read."""
        return False


class SimulatedClients:
    """The Kafka clients of one process: TickerClients."""

    def __init__(
        self,
        process: str,
        partitions: int,
        broker: SimulatedBroker,
        network: Network,
        chance: Random,
        clock: SimulatedClock,
        log: ProcessLog,
    ) -> None:
        self._process, self._broker, self._network, self._chance = process, broker, network, chance
        self._clock, self.handlers = clock, BuiltInValidator()
        self.chains = ChainReader(self.reader, TOPICS, partitions, Health(clock.now_ms), log)
        self.calendars = CalendarReader(self.reader, TOPICS, partitions, Health(clock.now_ms), log)
        record_producer = SimulatedRecordProducer(process, broker, network)
        dead_letters = DeadLetterProducer(record_producer, TOPICS["dead-letters"], "ticker")
        self.decoder = EventDecoder(
            partitions, self.handlers, self.chains, self.calendars, record_producer, dead_letters, log
        )

    def reader(self) -> SimulatedReader:
        """A new reader, not started."""
        return SimulatedReader(self._process, self._broker, self._network)

    def producer(self, partition: int) -> FencedProducer:
        """A new producer of a partition, not started."""
        return FencedProducer(self._transactional, TOPICS, partition, self._clock)

    def _transactional(self, transactional_id: str) -> SimulatedTransactionalProducer:
        return SimulatedTransactionalProducer(
            self._process, transactional_id, self._broker, self._network, self._chance
        )


class TickerProcess(ProcessControl):
    """One ticker process, from its start to its stop or death."""

    def __init__(
        self,
        name: str,
        partitions: int,
        group: GroupCoordinator,
        broker: SimulatedBroker,
        network: Network,
        loop: VirtualLoop,
        chance: Random,
        trace: Trace,
        background_rate: int,
        limits: TickerLimits,
    ) -> None:
        super().__init__()
        self.name, self.clock = name, SimulatedClock(broker, chance.randint(-8, 8))
        self._loop, self._stopping = loop, asyncio.Event()
        self._membership = SimulatedMembership(self, group, network)
        log = trace.log(name)
        clients = SimulatedClients(name, partitions, broker, network, chance, self.clock, log)
        context = PartitionContext(
            topics=TOPICS,
            partitions=partitions,
            background_rate=background_rate,
            clients=clients,
            prove=self._membership.prove,
            clock=self.clock,
            health=Health(self.clock.now_ms),
            log=log,
            limits=limits,
            owner=name,
        )
        self._clients = clients
        self._following = [self._follow(clients.chains.run()), self._follow(clients.calendars.run())]
        running = Ticker(context, self._membership).run(self._stopping)
        self.main = self._loop.create_task(running, context=process_context(self))

    def _follow(self, table: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(table, context=process_context(self))

    def read_calendars_again(self, after: float) -> None:
        """Read no calendars for so many seconds, and then all of them, as when that topic can't be reached."""
        self._following[1].cancel()
        self._following[1] = self._follow(self._read_calendars(after))

    async def _read_calendars(self, after: float) -> None:
        await asyncio.sleep(after)
        await self._clients.calendars.run()

    def assign(self, partitions: frozenset[int]) -> None:
        """Hear from the group, unless stalled: then when that is over."""
        self._loop.call_soon(self._membership.assignment.set, partitions, context=process_context(self))

    def stop(self) -> None:
        """Stop gracefully."""
        self._loop.call_soon(self._stopping.set, context=process_context(self))

    def kill(self) -> None:
        """Die, here and now."""
        self.dead = True

    def stall(self, seconds: float) -> None:
        """Stand still while everything else goes on; the group may have removed it when it wakes."""
        self._loop.stall(self, seconds)
