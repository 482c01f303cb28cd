"""The ticker as a whole: a member of the group and the partitions it owns."""

import asyncio

from tasker_ticker.membership import Membership
from tasker_ticker.partition import Partition, Shell


class Ticker:
    """Starts an owner for each partition that becomes ours and stops the owners of those that are not any more."""

    def __init__(self) -> None:
        self._owners: dict[int, tuple[Partition, asyncio.Task[None]]] = {}
        self._ours: frozenset[int] = frozenset()
        self._changed = asyncio.Event()

    def assign(self, partitions: frozenset[int]) -> None:
        """Note what is ours now."""
        self._ours = partitions
        self._changed.set()

    async def run(self, shell: Shell, membership: Membership, stopping: asyncio.Event) -> None:
        """Until told to stop: then every owner ends its turn before the group is left, and nothing waits."""
        leave = asyncio.Event()
        member = asyncio.create_task(membership.run(leave))
        stop = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                change = asyncio.create_task(self._changed.wait())
                tasks = [owner for _, owner in self._owners.values()]
                done, _ = await asyncio.wait({change, stop, member, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
                for task in done - {change, stop}:
                    task.result()  # an error that no owner foresaw ends the process, loudly
                self._changed.clear()
                await self._settle(shell)
        finally:
            self._ours = frozenset()
            await self._settle(shell)
            leave.set()
            stop.cancel()
            await member

    async def _settle(self, shell: Shell) -> None:
        lost = [number for number in self._owners if number not in self._ours]
        for number in lost:
            self._owners[number][0].stop()
        if lost:
            await asyncio.gather(*(self._owners.pop(number)[1] for number in lost))
        for number in sorted(self._ours - self._owners.keys()):
            partition = Partition(number, shell)
            self._owners[number] = partition, asyncio.create_task(partition.run(), name=f"partition-{number}")
