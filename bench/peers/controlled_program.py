"""A program of ours that carries out the commands of the benchmark, in the language that its scheduler speaks."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from bench.peers.peer import PeerFailed
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

UP_SECONDS = 60.0
COMMAND_SECONDS = 900.0
"""For the longest one: to store all tasks of a measurement."""


class ControlledProgram:
    """One process that takes one JSON object a line on `PEER_PORT`, and answers each by `{}` or `{"error": "…"}`.

    It listens as soon as it is ready.
    """

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._port = free_port()
        self._child = ChildProcess(name, command, {**env, "PEER_PORT": str(self._port)})

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def start(self) -> None:
        """Start it; returns when it is ready. Raises PeerFailed."""
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS, self._child):
            await self._child.kill()
            raise PeerFailed(f"{self._child.name} does not come up:\n{self._child.last_output()}")

    async def tell(self, command: str, **arguments: object) -> None:
        """Have a command carried out; returns when it is done. Raises PeerFailed."""
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                answer = await self._answer(json.dumps({"command": command, **arguments}))
        except (TimeoutError, OSError) as error:
            raise PeerFailed(f"{self._child.name} does not answer to {command} ({error!r}):\n{self._tail()}") from None
        if error := answer.get("error"):
            raise PeerFailed(f"{self._child.name} can't carry out {command}: {error}")

    async def stop(self) -> None:
        """End it."""
        await self._child.stop()

    async def kill(self) -> None:
        """End it by kill -9."""
        await self._child.kill()

    async def _answer(self, command: str) -> dict[str, str]:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        try:
            writer.write(f"{command}\n".encode())
            await writer.drain()
            line = await reader.readline()
        finally:
            writer.close()
        if not line:
            raise ConnectionError("it closed the connection")
        return json.loads(line)

    def _tail(self) -> str:
        return self._child.last_output()
