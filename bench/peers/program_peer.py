"""What peers have in common in which a program of their own language stores what we say."""

import shutil
from abc import abstractmethod
from contextlib import AsyncExitStack
from typing import Final

from bench.peers.controlled_program import ControlledProgram, portions
from bench.peers.peer_folders import data_folder
from bench.peers.task_holder import CLOCK, TaskHolder

SECONDS: Final = 300
START_AHEAD_MS: Final = 2_000


class ProgramPeer(TaskHolder):
    """`storing` stores tasks: it does `everySecond`, `once` and `remove`, given `names` and a time (`at`, epoch ms).

    `stack` ends what was started, in the end; `folder` is where its data is until then; `names` are due each second.
    """

    storing: ControlledProgram

    def __init__(self, folder: str) -> None:
        self.stack, self.folder = AsyncExitStack(), data_folder(folder)
        self.names: list[str] = []

    async def start(self) -> None:
        """As Peer."""
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        await self.start_parts()

    @abstractmethod
    async def start_parts(self) -> None:
        """Start the store, the scheduler and the worker, and note in `stack` how each is ended."""

    async def stop(self) -> None:
        """End all, and remove the data."""
        await self.stack.aclose()

    async def every_second(self, names: list[str]) -> None:
        """As Peer; from a whole second on."""
        await self._ask("everySecond", names, (CLOCK.now_ms() + START_AHEAD_MS) // 1000 * 1000)
        self.names += names

    async def once(self, names: list[str], at_ms: int) -> None:
        """As Peer."""
        await self._ask("once", names, at_ms)

    async def clear(self) -> None:
        """Remove what is due each second."""
        names, self.names = self.names, []
        await self._ask("remove", names, 0)

    async def _ask(self, do: str, names: list[str], at_ms: int) -> None:
        for portion in portions(names):
            await self.storing.ask(do, SECONDS, names=portion, at=at_ms)
