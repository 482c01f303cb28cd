"""The ticker as a whole: a member of the group and the partitions it owns."""

import asyncio
from typing import Final, Protocol

from tasker_ticker.kafka.membership import Assignment
from tasker_ticker.kafka.prefetch import Prefetch
from tasker_ticker.partition import PartitionOwner
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.state_copies.copier import StateCopier

COPIER_SECONDS = 2.0
COPIES_ALL_FROM: Final = 0.25
"""Who owns so much of all partitions copies those of other members, too. There are some four then at most, and when one
dies, another may get all that it owned. With many members it comes to many, and to copy all would cost each of them a
multiple of what its own cost."""


class GroupMember(Protocol):
    """A member of the ticker's group, which keeps its assignment up to date."""

    assignment: Assignment

    async def run(self, stopping: asyncio.Event) -> None:
        """Be a member until `stopping` is set."""
        ...


class Ticker:
    """Starts an owner for each partition that is assigned and stops the owners of those that are not any more."""

    def __init__(self, context: PartitionContext, member: GroupMember) -> None:
        self._context, self._member = context, member
        self._prefetch = Prefetch(
            context.clients.reader, context.topics, context.partitions, context.clock, context.log, context.copies
        )
        self._copier = context.copies and StateCopier(
            context.copies,
            context.clients.reader,
            context.topics,
            self._copied,
            context.clock,
            context.log,
            context.limits.copy_seconds,
        )
        self._owners: dict[int, PartitionOwner] = {}
        self._running: dict[asyncio.Task[None], int] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set: then every owner ends its batch before the group is left, and nothing waits."""
        leave, assignment = asyncio.Event(), self._member.assignment
        self._prefetch.start()
        copying = set[asyncio.Task[None]]()
        if self._copier is not None:
            copying.add(asyncio.create_task(self._copier.run()))
        member = asyncio.create_task(self._member.run(leave))
        stop = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                change = asyncio.create_task(assignment.changed.wait())
                done, _ = await asyncio.wait(
                    {change, stop, member, *self._running}, return_when=asyncio.FIRST_COMPLETED
                )
                change.cancel()
                for task in [task for task in self._running if task in done]:
                    del self._running[task]
                    task.result()  # an error that no owner foresaw ends the process, loudly
                if member in done:
                    member.result()
                assignment.changed.clear()
                self._own(assignment.partitions)
                self._prefetch.end()
        finally:
            if self._copier is not None:
                self._copier.stop()
            self._own(frozenset())
            self._prefetch.end()
            await asyncio.gather(self._prefetch.closed(), *self._running)
            leave.set()
            stop.cancel()
            await asyncio.gather(member, _end_of(copying))

    def _copied(self) -> list[int]:
        """The partitions to copy: those that are restored, and fire. Once all are, those of few other members, too."""
        restored = [number for number, owner in self._owners.items() if owner.is_running]
        everyone = self._context.partitions
        if len(restored) < len(self._owners) or len(restored) < COPIES_ALL_FROM * everyone:
            return restored
        return [*restored, *(number for number in range(everyone) if number not in self._owners)]

    def _own(self, partitions: frozenset[int]) -> None:
        """Own these partitions and no others."""
        for number in self._owners.keys() - partitions:
            self._owners.pop(number).stop()
        for number in sorted(partitions - self._owners.keys()):
            before = [task for task, owned in self._running.items() if owned == number]
            owner = self._owners[number] = PartitionOwner(number, self._context, self._prefetch.take(number))
            self._running[asyncio.create_task(self._run_after(before, owner))] = number

    @staticmethod
    async def _run_after(before: list[asyncio.Task[None]], owner: PartitionOwner) -> None:
        """Run an owner once earlier ones of the same partition have stopped."""
        if before:
            await asyncio.wait(before)
        await owner.run()


async def _end_of(tasks: set[asyncio.Task[None]]) -> None:
    """Wait until tasks have ended that are to, and no longer than that: one may be connecting."""
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=COPIER_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.wait(tasks)
