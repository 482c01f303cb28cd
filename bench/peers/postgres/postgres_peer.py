"""What the peers on PostgreSQL have in common: store, log, and a program of ours that tells them their tasks."""

from abc import abstractmethod

from bench.peers.controlled_program import ControlledProgram, portions
from bench.peers.peer import Execution, PeerFailed
from bench.peers.postgres.execution_table import ExecutionTable
from bench.peers.postgres.postgres_store import HOST, PostgresStore
from bench.peers.task_holder import TaskHolder
from tasker_devstack import paths

FOLDER = paths.ROOT / ".tasker" / "peers"
COMMAND_SECONDS = 900.0
"""For the longest one: to store all tasks of a measurement."""


class PostgresPeer(TaskHolder):
    """Its `program` executes the tasks, and is told which there are."""

    name: str

    def __init__(self) -> None:
        self.folder = FOLDER / "data" / self.name.lower()
        self.store = PostgresStore(self.folder)
        self.log = ExecutionTable(self.store, self.folder)
        self._program: ControlledProgram | None = None

    @property
    def program(self) -> ControlledProgram:
        """Raises PeerFailed when it is not started."""
        if self._program is None:
            raise PeerFailed(f"{self.name} is not started: call start() first")
        return self._program

    @abstractmethod
    async def start_scheduler(self) -> ControlledProgram:
        """Start all but the store, which is there; returns the program when it takes tasks. Raises PeerFailed."""

    async def start(self) -> None:
        """As Peer."""
        await self.store.start()
        await self.log.create()
        self._program = await self.start_scheduler()

    async def stop(self) -> None:
        """As Peer."""
        if self._program is not None:
            await self._program.stop()
        await self.store.stop()

    async def every_second(self, names: list[str]) -> None:
        """As Peer."""
        for some in portions(names):
            await self.program.ask("every_second", COMMAND_SECONDS, names=some)

    async def once(self, names: list[str], at_ms: int) -> None:
        """As Peer."""
        for some in portions(names):
            await self.program.ask("once", COMMAND_SECONDS, names=some, at_ms=at_ms)

    async def clear(self) -> None:
        """As Peer."""
        await self.program.ask("clear", COMMAND_SECONDS)

    async def executed(self) -> int:
        """As Peer."""
        return self.log.count()

    async def executions(self) -> list[Execution]:
        """As Peer."""
        return await self.log.read()

    async def forget(self) -> None:
        """As Peer."""
        await self.log.forget()

    def environment(self) -> dict[str, str]:
        """What the program has to know of the store and the log."""
        return {
            "PEER_POSTGRES": f"{HOST}:{self.store.port}",
            "PEER_ACKNOWLEDGED": str(self.log.acknowledged),
        }
