"""What the embedded backends have in common."""

import signal
from abc import ABC, abstractmethod
from pathlib import Path

from tasker_devstack.processes.child_process import ChildProcess

STOP_SECONDS = 20


class EmbeddedBackend(ABC):
    """A server as a child process: a folder and a port that stay the same over `stop`, `kill` and `start`."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._child: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """Its process id. Raises RuntimeError when it was never started."""
        if self._child is None:
            raise RuntimeError("not started")
        return self._child.pid

    @abstractmethod
    async def start(self) -> None:
        """Start, and wait until it can be used. Raises DevstackError."""

    async def stop(self) -> None:
        """End it gracefully."""
        if self._child:
            await self._child.stop(STOP_SECONDS)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self._child:
            await self._child.kill()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP makes it one that takes connections and does not answer, until SIGCONT."""
        if self._child:
            self._child.send(number)

    async def wait(self) -> int:
        """Wait for its end, whatever the reason."""
        if self._child is None:
            raise RuntimeError("not started")
        return await self._child.wait()
