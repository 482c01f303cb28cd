"""The simulated coordinator of the consumer group, and a member of the group."""

import asyncio
from random import Random
from typing import Protocol

from aiokafka.errors import IllegalGenerationError

from tasker_ticker.kafka.membership import Assignment
from tests.simulation.cluster.network import Network
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import VirtualLoop


class MemberProcess(Protocol):
    """A process that is a member of the group."""

    name: str

    def assign(self, partitions: frozenset[int]) -> None:
        """Hear from the group what is assigned to it."""
        ...


class GroupCoordinator:
    """It decides who owns which partition, and lets the members know."""

    def __init__(self, partitions: int, loop: VirtualLoop, chance: Random, trace: Trace) -> None:
        self._partitions, self._loop, self._chance, self._trace = partitions, loop, chance, trace
        self._members: list[MemberProcess] = []
        self._owners: dict[int, MemberProcess] = {}

    def check_owner(self, process: MemberProcess, partition: int) -> None:
        """Raises IllegalGenerationError when another process owns a partition."""
        if self._owners.get(partition) is not process:
            raise IllegalGenerationError

    def join(self, process: MemberProcess) -> None:
        """Add a member, and rebalance."""
        if process not in self._members:
            self._members.append(process)
            self.rebalance()

    def leave(self, process: MemberProcess) -> None:
        """Remove a member, and rebalance."""
        if process in self._members:
            self._members.remove(process)
            self.rebalance()

    def rebalance(self) -> None:
        """Assign the partitions anew; each member hears of it in its own time."""
        self._chance.shuffle(self._members)
        count = len(self._members)
        self._owners = {p: self._members[p % count] for p in range(self._partitions)} if count else {}
        if self._trace.on:
            self._trace.add("group: " + ", ".join(f"{p}: {process.name}" for p, process in self._owners.items()))
        for member in self._members:
            wait = self._chance.uniform(0, 4) if self._chance.random() < 0.15 else self._chance.uniform(0, 0.2)
            self._loop.later(wait, self._assign, member)

    def _assign(self, process: MemberProcess) -> None:
        if process in self._members:
            process.assign(frozenset(p for p, owner in self._owners.items() if owner is process))


class SimulatedMembership:
    """A member of the simulated group."""

    def __init__(self, process: MemberProcess, group: GroupCoordinator, network: Network) -> None:
        self._process, self._group, self._network = process, group, network
        self.assignment = Assignment()

    async def prove(self, partition: int) -> None:
        """A fresh answer that the partition is this member's. Raises KafkaError when it is not."""
        check = self._group.check_owner
        await self._network.request(self._process.name, "group", lambda: check(self._process, partition))

    async def run(self, stopping: asyncio.Event) -> None:
        """Be a member until `stopping` is set."""
        self._group.join(self._process)
        await stopping.wait()
        self._group.leave(self._process)
