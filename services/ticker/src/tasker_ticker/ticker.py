"""The ticker as a whole: a member of the group and the partitions it owns."""

import asyncio

from tasker_ticker.kafka.membership import Membership
from tasker_ticker.kafka.prefetch import Ahead
from tasker_ticker.partition import Partition, Shell


class Ticker:
    """Starts an owner for each partition that becomes ours and stops the owners of those that are not any more."""

    def __init__(self) -> None:
        self._owners: dict[int, Partition] = {}
        self._running: dict[asyncio.Task[None], int] = {}
        self._ours: frozenset[int] = frozenset()
        self._changed = asyncio.Event()

    def assign(self, partitions: frozenset[int]) -> None:
        """Note what is ours now."""
        self._ours = partitions
        self._changed.set()

    async def run(self, shell: Shell, membership: Membership, stopping: asyncio.Event) -> None:
        """Until told to stop: then every owner ends its turn before the group is left, and nothing waits."""
        leave = asyncio.Event()
        ahead = Ahead(shell.reader, shell.topics, shell.partitions, shell.log)
        ahead.begin()
        member = asyncio.create_task(membership.run(leave))
        stop = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                change = asyncio.create_task(self._changed.wait())
                done, _ = await asyncio.wait(
                    {change, stop, member, *self._running}, return_when=asyncio.FIRST_COMPLETED
                )
                change.cancel()
                for task in [task for task in self._running if task in done]:
                    del self._running[task]
                    task.result()  # an error that no owner foresaw ends the process, loudly
                if member in done:
                    member.result()
                self._changed.clear()
                if self._ours:
                    await ahead.end()
                self._settle(shell, ahead)
        finally:
            self._ours = frozenset()
            self._settle(shell, ahead)
            await ahead.end()
            await asyncio.gather(*self._running)
            leave.set()
            stop.cancel()
            await member

    def _settle(self, shell: Shell, ahead: Ahead) -> None:
        for number in self._owners.keys() - self._ours:
            self._owners.pop(number).stop()
        for number in sorted(self._ours - self._owners.keys()):
            before = [task for task, owned in self._running.items() if owned == number]
            owner = self._owners[number] = Partition(number, shell, ahead.take(number))
            self._running[asyncio.create_task(self._after(before, owner))] = number
        if self._ours:
            ahead.drop()

    @staticmethod
    async def _after(before: list[asyncio.Task[None]], owner: Partition) -> None:
        """Run an owner once those of the same partition that were told to stop have stopped."""
        if before:
            await asyncio.wait(before)
        await owner.run()
