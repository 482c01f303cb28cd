"""Temporal on PostgreSQL: its own server, and a worker of ours."""

import os
import re
import shutil
import sys
from pathlib import Path

from bench.peers.controlled_program import ControlledProgram
from bench.peers.peer import PeerFailed
from bench.peers.postgres.postgres_peer import FOLDER, PostgresPeer
from bench.peers.postgres.postgres_store import USER, completed, postgres_version
from tasker_devstack.build_stamps import is_current, write_stamp
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

SOURCES = Path(__file__).parent
TARGET = FOLDER / "temporal"
BUILD_SECONDS = 3000.0
TOOL_SECONDS = 120.0
UP_SECONDS = 60.0
SERVER, SQL_TOOL = "go.temporal.io/server/cmd/server", "go.temporal.io/server/cmd/tools/sql"
SCHEMAS = {"temporal": "postgresql/v12/temporal", "temporal_visibility": "postgresql/v12/visibility"}
PORTS = ("FRONTEND", "HISTORY", "MATCHING", "WORKER")


class TemporalPeer(PostgresPeer):
    """All services of the server in one process, and a worker of 200 slots in another.

    A task that is due each second is a schedule; one that is due once, a workflow with a start delay. Each execution is
    a workflow with one activity.
    """

    name = "Temporal"
    settings = (
        "1 server with all services, 64 shards, its limits of rates lifted; 1 worker, 200 slots; schedules allow "
        "overlaps; killed: the server; PostgreSQL: fsync and synchronous_commit on"
    )

    def __init__(self) -> None:
        super().__init__()
        ports = {f"PEER_{name}": free_port() for name in (*PORTS, *(f"{one}_MEMBER" for one in PORTS))}
        self._frontend = ports["PEER_FRONTEND"]
        self._ports = {name: str(port) for name, port in ports.items()}
        self._server: ChildProcess | None = None

    async def install(self) -> str:
        """As Peer; takes some ten minutes the first time."""
        store = await postgres_version()
        sources = [path for path in SOURCES.iterdir() if path.is_file() and path.suffix != ".py"]
        if not is_current(TARGET, sources):
            await _build()
            write_stamp(TARGET, sources)
        module = (SOURCES / "go.mod").read_text()
        versions = dict(re.findall(r"^\s+go\.temporal\.io/(server|sdk) v(\S+)", module, re.MULTILINE))
        return f"Temporal server {versions['server']}, {store}, Temporal Go SDK {versions['sdk']}"

    async def start_scheduler(self) -> ControlledProgram:
        """As PostgresPeer."""
        for database, schema in SCHEMAS.items():
            await self._sql_tool(database, "create-database")
            await self._sql_tool(database, "setup-schema", "-v", "0.0")
            await self._sql_tool(database, "update-schema", "--schema-name", schema)
        env = {**self.environment(), **self._ports, "PEER_LIMITS": str(SOURCES / "limits.yaml")}
        options = ["--config-file", str(SOURCES / "server.yaml"), "--allow-no-auth", "start"]
        self._server = ChildProcess("temporal-server", [str(TARGET / "server"), *options], env)
        await self._start_server(self._server)
        worker = ControlledProgram("temporal-worker", [str(TARGET / "temporal")], env)
        await worker.start()
        return worker

    async def stop(self) -> None:
        """As Peer; the worker first, as it asks the server for work."""
        if self._program is not None:
            await self._program.stop()
        if self._server is not None:
            await self._server.stop()
        await self.store.stop()

    def processes(self) -> dict[str, int]:
        """As Peer."""
        if self._server is None:
            raise PeerFailed(f"{self.name} is not started: call start() first")
        return {"scheduler": self._server.pid, "worker": self.program.pid, "store": self.store.pid}

    async def kill_scheduler(self) -> None:
        """As Peer; the worker goes on."""
        if self._server is None:
            raise PeerFailed(f"{self.name} is not started: call start() first")
        await self._server.kill()
        await self._start_server(self._server)

    async def _start_server(self, server: ChildProcess) -> None:
        await server.start()
        if not await until_listening(self._frontend, UP_SECONDS, server):
            await server.kill()
            raise PeerFailed(f"Temporal does not come up on port {self._frontend}:\n{server.last_output()}")

    async def _sql_tool(self, database: str, *command: str) -> None:
        where = ["--plugin", "postgres12_pgx", "--ep", HOST, "-p", str(self.store.port), "-u", USER, "--db", database]
        await completed(ChildProcess("temporal-sql-tool", [str(TARGET / "sql"), *where, *command]), TOOL_SECONDS)


async def _build() -> None:
    """Compile server, schema tool and worker. Without cgo: as root, probing the C compiler can remove /dev/null."""
    found = [path for path in (shutil.which("go"), "/usr/local/go/bin/go") if path and os.access(path, os.X_OK)]
    if not found:
        raise PeerFailed("Go is missing: install Go 1.26.8 or newer, and put it on the PATH")
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    what = ["-C", str(SOURCES), "-buildvcs=false", "-o", f"{TARGET}/", ".", SERVER, SQL_TOOL]
    print("Temporal: compiling its server (some ten minutes the first time) …", file=sys.stderr, flush=True)
    await completed(ChildProcess("go build", [found[0], "build", *what], {"CGO_ENABLED": "0"}), BUILD_SECONDS)
