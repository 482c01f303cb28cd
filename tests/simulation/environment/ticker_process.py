"""One simulated ticker process: the real service on simulated clients, with a clock of its own; and the group."""

import asyncio
from random import Random
from typing import Any

from aiokafka.errors import IllegalGenerationError

from tasker_core.topics import Topics
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.health import Health
from tasker_ticker.kafka.membership import Membership
from tasker_ticker.kafka.transaction import Transactions
from tasker_ticker.lead_time import Load
from tasker_ticker.partition import Shell
from tasker_ticker.ticker import Ticker
from tests.simulation.cluster.broker import Broker
from tests.simulation.cluster.network import Network
from tests.simulation.cluster.producer import Producer
from tests.simulation.cluster.reader import SimulatedReader, SimulatedSender
from tests.simulation.environment.trace import Trace
from tests.simulation.environment.virtual_loop import Lane, VirtualLoop, process_context

SESSION_SECONDS = 6.0
TOPICS = Topics()


class SimulatedClock:
    """The clock of one process: the broker's, and `ahead_ms`."""

    def __init__(self, broker: Broker, ahead_ms: int) -> None:
        self._broker, self.ahead_ms = broker, ahead_ms

    def now_ms(self) -> int:
        """Epoch milliseconds as this process takes them to be."""
        return self._broker.now_ms() + self.ahead_ms


class Group:
    """The coordinator: who owns which partition, and who has been told."""

    def __init__(self, partitions: int, loop: VirtualLoop, chance: Random, trace: Trace) -> None:
        self._partitions, self._loop, self._chance, self._trace = partitions, loop, chance, trace
        self._members: list[Process] = []
        self._owners: dict[int, Process] = {}

    def owns(self, process: "Process", partition: int) -> None:
        """Raises IllegalGenerationError when a partition is another's."""
        if self._owners.get(partition) is not process:
            raise IllegalGenerationError

    def join(self, process: "Process") -> None:
        """Take in a member, and share out anew."""
        if process not in self._members:
            self._members.append(process)
            self.share_out()

    def leave(self, process: "Process") -> None:
        """Let go of a member, and share out anew."""
        if process in self._members:
            self._members.remove(process)
            self.share_out()

    def share_out(self) -> None:
        """Assign the partitions; each member hears of it in its own time."""
        self._chance.shuffle(self._members)
        count = len(self._members)
        self._owners = {p: self._members[p % count] for p in range(self._partitions)} if count else {}
        if self._trace.on:
            self._trace.tell("group: " + ", ".join(f"{p}: {process.name}" for p, process in self._owners.items()))
        for member in self._members:
            wait = self._chance.uniform(0, 4) if self._chance.random() < 0.15 else self._chance.uniform(0, 0.2)
            self._loop.later(wait, self._tell, member)

    def _tell(self, process: "Process") -> None:
        if process in self._members:
            process.assign(frozenset(p for p, owner in self._owners.items() if owner is process))


class SimulatedMembership(Membership):
    """A member of the simulated group."""

    def __init__(self, process: "Process", group: Group, network: Network) -> None:
        self._process, self._group_of, self._network = process, group, network

    async def prove(self, partition: int) -> None:
        """A fresh answer that the partition is ours."""
        await self._network.ask(self._process.name, "group", lambda: self._group_of.owns(self._process, partition))

    async def run(self, stopping: asyncio.Event) -> None:
        """Be a member until told to stop."""
        self._group_of.join(self._process)
        await stopping.wait()
        self._group_of.leave(self._process)


class Process(Lane):
    """One ticker process, from its start to its stop or death."""

    def __init__(
        self,
        name: str,
        partitions: int,
        group: Group,
        broker: Broker,
        network: Network,
        loop: VirtualLoop,
        chance: Random,
        trace: Trace,
        background_rate: int,
    ) -> None:
        super().__init__()
        self.name, self.clock = name, SimulatedClock(broker, chance.randint(-8, 8))
        self._loop = loop
        self._ticker, self._stopping = Ticker(), asyncio.Event()
        health, sender = Health(self.clock), SimulatedSender(name, broker, network)
        membership = SimulatedMembership(self, group, network)

        def producer(transactional_id: str) -> Any:
            return Producer(name, transactional_id, broker, network, chance)

        self._shell = Shell(
            topics=TOPICS,
            partitions=partitions,
            reader=lambda: SimulatedReader(name, broker, network),
            transactions=lambda partition: Transactions(producer, TOPICS, partition, self.clock),
            clock=self.clock,
            sender=sender,
            dead_letters=DeadLetterProducer(sender, TOPICS["dead-letters"], "ticker"),
            prove=membership.prove,
            owner=name,
            background_rate=background_rate,
            load=Load(),
            restoring=asyncio.Semaphore(3),
            health=health,
            log=trace.log(name),
        )
        context = process_context(self)
        running = self._ticker.run(self._shell, membership, self._stopping)
        self.main = self._loop.create_task(running, context=context)

    def assign(self, partitions: frozenset[int]) -> None:
        """Hear from the group, unless stalled: then when that is over."""
        self._loop.call_soon(self._ticker.assign, partitions, context=process_context(self))

    def stop(self) -> None:
        """Stop gracefully."""
        self._loop.call_soon(self._stopping.set, context=process_context(self))

    def kill(self) -> None:
        """Die, here and now."""
        self.dead = True

    def stall(self, seconds: float) -> None:
        """Stand still while everything else goes on; the group may have let go of it when it wakes."""
        self._loop.stall(self, seconds)
