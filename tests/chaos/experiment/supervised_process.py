"""Everything that runs, each kept up as by a supervisor: what dies is started again after a random while."""

import asyncio
import signal
from collections.abc import Callable
from random import Random
from typing import Final, Protocol

from tasker_devstack.errors import DevstackError
from tests.chaos.experiment.faults import RESTART_SECONDS

RETURN_SECONDS: Final = 90.0


class Target(Protocol):
    """A process that can be started again, killed, and sent signals."""

    async def start(self) -> None:
        """Start it."""
        ...

    async def wait(self) -> int:
        """Wait for its end."""
        ...

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        ...


class SupervisedProcess:
    """One process. `on_its_own` counts how often it ended though nobody had killed it."""

    def __init__(self, name: str, process: Target, now: Callable[[], float], say: Callable[[str], None]) -> None:
        self.name, self._process, self._now, self._say = name, process, now, say
        self._pause: float | None = None
        self._started = asyncio.Event()
        self._chance = Random(name)
        self.back_at = 0.0
        self.on_its_own = 0

    async def kill(self, pause: float) -> float:
        """End it as a power cut does; it is started again after `pause`.

        Returns when it was back: of Kafka and MongoDB when they answered, of a service when its process was started.
        """
        self._pause = pause
        self._started.clear()
        self._process.send(signal.SIGKILL)
        async with asyncio.timeout(RETURN_SECONDS):
            await self._started.wait()
        return self.back_at

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send(number)

    async def keep_up(self) -> None:
        """Start it again whenever it has ended, until cancelled."""
        while True:
            status = await self._process.wait()
            pause, self._pause = self._pause, None
            if pause is None:
                self.on_its_own += 1
                self._say(f"{self.name} has ended by itself (status {status})")
                pause = self._chance.uniform(0, RESTART_SECONDS)
            await asyncio.sleep(pause)
            started = self._now()
            if await self._is_started():
                self.back_at = self._now()
                self._say(f"           {self.name} is back {self.back_at - started:.1f} s after its start")
                self._started.set()

    async def _is_started(self) -> bool:
        try:
            await self._process.start()
        except DevstackError as error:  # it has ended, which `wait` finds out
            self._say(f"{self.name}: {error}")
            return False
        return True
