"""BullMQ: a worker on Redis, set up for production as its guide says."""

from typing import Final

from bench.peers.controlled_program import ControlledProgram
from bench.peers.peer import Execution
from bench.peers.peer_folders import INSTALLED, install_npm, run
from bench.peers.program_peer import ProgramPeer
from bench.peers.redis.execution_stream import ExecutionStream
from bench.peers.redis.redis_connection import RedisConnection
from bench.peers.redis.redis_server import SETTINGS, RedisServer, install_redis
from tasker_devstack.processes.ports import free_port

CONCURRENCY: Final = 200


class BullmqPeer(ProgramPeer):
    """There is no scheduler process: whichever worker takes a job of a job scheduler up makes the next one, and workers
    make delayed jobs ready. So the worker is what is killed. Jobs of a killed one are taken up again after 30 s
    (`lockDuration`, `stalledInterval`: its defaults).

    Job schedulers (`every: 1000`, `startDate` at a whole second) name the nominal time in the id of each job.
    Seconds that have passed when the next job is made are left out, by design: they count as missing. What is due once
    are delayed jobs.
    """

    name = "BullMQ"
    settings = (
        f"1 worker, concurrency {CONCURRENCY}; delayed jobs by addBulk, 1,000 a call; killed: the worker, which is the "
        f"scheduler, too; Redis: {SETTINGS}"
    )

    def __init__(self) -> None:
        super().__init__("bullmq")
        self._redis = RedisServer(self.folder, free_port())
        env = {"REDIS_PORT": str(self._redis.port), "CONCURRENCY": str(CONCURRENCY), "NODE_ENV": "production"}
        self._worker, self.storing = (
            ControlledProgram(f"BullMQ's {role}", ["node", str(INSTALLED / "bullmq" / f"{role}.mjs")], env)
            for role in ("worker", "producer")
        )
        self._connection = RedisConnection(self._redis.port)
        self._log = ExecutionStream(self._connection)

    async def install(self) -> str:
        """BullMQ by npm, Redis."""
        redis = await install_redis()
        folder = await install_npm("bullmq")
        node = await run("node", "--version", folder=folder)
        code = (
            "for (const p of ['bullmq', 'ioredis']) console.log(p, require(`./node_modules/${p}/package.json`).version)"
        )
        packages = await run("node", "-e", code, folder=folder)
        return f"{', '.join(packages.split(chr(10))[:2])}, Node {node.strip()}, {redis}"

    async def start_parts(self) -> None:
        """Redis, then the worker and the producer."""
        for part in (self._redis, self._worker, self.storing):
            self.stack.push_async_callback(part.stop)
            await part.start()
        self.stack.push_async_callback(self._connection.close)

    async def executed(self) -> int:
        """Entries of the log."""
        return await self._log.length()

    async def executions(self) -> list[Execution]:
        """The log."""
        return [
            Execution(one.task, int(one.nominal), one.started_ms, one.logged_ms) async for one in self._log.entries()
        ]

    async def forget(self) -> None:
        """Empty the log."""
        await self._log.clear()

    def processes(self) -> dict[str, int]:
        """The worker is the scheduler, too."""
        return {"worker": self._worker.pid, "store": self._redis.pid}

    async def kill_scheduler(self) -> None:
        """The worker."""
        await self._worker.kill()
        await self._worker.start()
