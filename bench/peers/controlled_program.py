"""A program in a peer's own language, which is told what to do: a line of JSON for each request, and one back."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bench.peers.peer import PeerFailed
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

UP_SECONDS: Final = 60
LIMIT: Final = 1 << 24
PORTION: Final = 5_000
"""So many names are in a request."""


class ControlledProgram:
    """It listens on the port that `CONTROL_PORT` names as soon as it is ready.

    It answers `{"do": …}` with `{"ok": …}` or `{"error": …}`. It can be killed and started again.
    """

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._name, self._port = name, free_port()
        self._child = ChildProcess(name, command, dict(env) | {"CONTROL_PORT": str(self._port)})
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def start(self) -> None:
        """Start it; returns when it is ready. Raises PeerFailed."""
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS, self._child):
            await self._child.kill()
            raise PeerFailed(f"{self._name} does not come up: {self._child.last_output()[-500:]}")

    async def stop(self) -> None:
        """End it."""
        self._disconnect()
        await self._child.stop(5)

    async def kill(self) -> None:
        """kill -9."""
        self._disconnect()
        await self._child.kill()

    async def ask(self, do: str, seconds: float = 60, **more: Any) -> Any:
        """What it answers. Raises PeerFailed when it says that it cannot, or says nothing in time."""
        try:
            async with asyncio.timeout(seconds):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(HOST, self._port, limit=LIMIT)
                reader, writer = self._streams
                writer.write(json.dumps({"do": do} | more).encode() + b"\n")
                await writer.drain()
                line = await reader.readline()
        except (OSError, TimeoutError) as error:
            self._disconnect()
            why = str(error) or f"nothing within {seconds:.0f} s"
            raise PeerFailed(f"{self._name}: no answer to {do!r}: {why}: {self._child.last_output()[-300:]}") from None
        answer = json.loads(line or b'{"error": "it has ended"}')
        if "error" in answer:
            raise PeerFailed(f"{self._name}: {do!r}: {answer['error']}: {self._child.last_output()[-300:]}")
        return answer["ok"]

    def last_output(self) -> str:
        """The last lines that it wrote."""
        return self._child.last_output()

    def _disconnect(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Some thousand names at a time."""
    return (names[first : first + PORTION] for first in range(0, len(names), PORTION))
