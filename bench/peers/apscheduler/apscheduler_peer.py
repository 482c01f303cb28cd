"""APScheduler 3: a process with a scheduler and its thread pool, jobs in MongoDB."""

from pathlib import Path
from typing import Any, Final

from bench.peers.controlled_program import ControlledProgram
from bench.peers.peer import Execution, PeerFailed
from bench.peers.peer_folders import INSTALLED, install_python, run
from bench.peers.program_peer import ProgramPeer
from tasker_devstack.backends.embedded_mongodb import EmbeddedMongodb, mongod_path
from tasker_devstack.processes.ports import free_port
from tasker_runtime.connections.mongo_connection import MongoConnection
from tasker_runtime.mongo import Mongo

PROGRAMS: Final = Path(__file__).resolve().parent


class ApschedulerPeer(ProgramPeer):
    """Scheduler and worker are one process, by design: job stores must not be shared. So that process is killed.

    Jobs are interval and date jobs, by `MongoDBJobStore` with its own defaults; an executor derived from the thread
    pool lets the function know its nominal time. The function logs by an insert with `w: majority, j: true`.
    """

    name = "APScheduler"
    settings = (
        "1 process, 200 threads, coalesce off, misfire_grace_time None, max_instances without a bound; MongoDBJobStore "
        "(w: 1, its default), log w: majority, j: true; killed: the process; MongoDB: replica set of 1"
    )

    def __init__(self) -> None:
        super().__init__("apscheduler")
        self._database = EmbeddedMongodb(self.folder, free_port())
        url = self._database.url("peer")
        self._url = url
        python = str(INSTALLED / "apscheduler" / "venv" / "bin" / "python")
        env = {"MONGODB_URL": url, "PYTHONPATH": str(PROGRAMS)}
        self.storing = ControlledProgram("APScheduler", [python, str(PROGRAMS / "scheduler_program.py")], env)
        self._mongo: Mongo | None = None

    async def install(self) -> str:
        """APScheduler by pip, and the mongod that Tasker uses, too."""
        python = await install_python("apscheduler")
        code = (
            "from importlib.metadata import version as v; import platform;"
            "print(v('apscheduler'), v('pymongo'), platform.python_version())"
        )
        own, pymongo, interpreter = (await run(str(python), "-c", code, folder=INSTALLED)).split()
        mongod = (await run(mongod_path(), "--version", folder=INSTALLED)).splitlines()[0]
        return f"APScheduler {own}, PyMongo {pymongo}, Python {interpreter}, MongoDB {mongod.rpartition(' ')[2]}"

    async def start_parts(self) -> None:
        """MongoDB, then the scheduler."""
        self.stack.push_async_callback(self._database.stop)
        await self._database.start()
        self._mongo = mongo = Mongo(MongoConnection(self._url))
        self.stack.callback(mongo.close)
        self.stack.push_async_callback(self.storing.stop)
        await self.storing.start()

    async def executed(self) -> int:
        """Entries of the log."""
        return await self._log.estimated_document_count()

    async def executions(self) -> list[Execution]:
        """The log."""
        rows = self._log.find({}, {"_id": 0}).batch_size(10_000)
        return [Execution(row["task"], row["nominal"], row["started"], row["logged"]) async for row in rows]

    async def forget(self) -> None:
        """Empty the log."""
        await self._log.delete_many({})

    def processes(self) -> dict[str, int]:
        """The scheduler is the worker, too."""
        return {"scheduler": self.storing.pid, "store": self._database.pid}

    async def kill_scheduler(self) -> None:
        """The process that is both."""
        await self.storing.kill()
        await self.storing.start()

    @property
    def _log(self) -> Any:
        if self._mongo is None:
            raise PeerFailed("APScheduler was not started")
        return self._mongo.database["executions"]
