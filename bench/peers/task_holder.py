"""Tasks that are only held, for peers that can store tasks which are due once."""

from abc import ABC, abstractmethod
from typing import Final

from tasker_runtime.clock import SystemClock

CLOCK: Final = SystemClock()
YEAR_MS: Final = 366 * 86_400_000


class TaskHolder(ABC):
    """Holds tasks by storing them for a time that no measurement lives to see."""

    _held = 0

    @abstractmethod
    async def once(self, names: list[str], at_ms: int) -> None:
        """As Peer."""

    async def hold(self, count: int) -> None:
        """As Peer."""
        names = [f"held-{n:08d}" for n in range(self._held, self._held + count)]
        self._held += count
        await self.once(names, CLOCK.now_ms() + YEAR_MS)
