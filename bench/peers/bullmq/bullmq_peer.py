"""BullMQ: a worker on Redis, set up for production as its guide says."""

import shutil
from contextlib import AsyncExitStack
from typing import Final

from bench.peers.controlled_program import ControlledProgram, portions
from bench.peers.peer import Execution
from bench.peers.peer_folders import INSTALLED, data_folder, install_npm, run
from bench.peers.redis.execution_stream import ExecutionStream
from bench.peers.redis.redis_connection import RedisConnection
from bench.peers.redis.redis_server import SETTINGS, RedisServer, install_redis
from tasker_devstack.processes.ports import free_port
from tasker_runtime.clock import SystemClock

CLOCK: Final = SystemClock()
CONCURRENCY: Final = 200
YEAR_MS: Final = 366 * 86_400_000
SECONDS: Final = 300
START_AHEAD_MS: Final = 2_000


class BullmqPeer:
    """There is no scheduler process: whichever worker takes a job of a job scheduler up makes the next one, and workers
    make delayed jobs ready. So the worker is what is killed. Jobs of a killed one are taken up again after 30 s
    (`lockDuration`, `stalledInterval`: its defaults).

    Job schedulers (`every: 1000`, `startDate` at a whole second) name the nominal time in the id of each job.
    Seconds that have passed when the next job is made are left out, by design: they count as missing.
    """

    name = "BullMQ"
    settings = (
        f"1 worker, concurrency {CONCURRENCY}; delayed jobs by addBulk, 1,000 a call; killed: the worker, which is the "
        f"scheduler, too; Redis: {SETTINGS}"
    )

    def __init__(self) -> None:
        self._stack, self._folder = AsyncExitStack(), data_folder("bullmq")
        self._redis = RedisServer(self._folder, free_port())
        env = {"REDIS_PORT": str(self._redis.port), "CONCURRENCY": str(CONCURRENCY), "NODE_ENV": "production"}
        self._worker, self._producer = (
            ControlledProgram(f"BullMQ's {role}", ["node", str(INSTALLED / "bullmq" / f"{role}.mjs")], env)
            for role in ("worker", "producer")
        )
        self._connection = RedisConnection(self._redis.port)
        self._log = ExecutionStream(self._connection)
        self._names, self._held = list[str](), 0

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

    async def start(self) -> None:
        """Redis, then the worker and the producer."""
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        for part in (self._redis, self._worker, self._producer):
            self._stack.push_async_callback(part.stop)
            await part.start()
        self._stack.push_async_callback(self._connection.close)

    async def stop(self) -> None:
        """End all, and remove the data."""
        await self._stack.aclose()

    async def every_second(self, names: list[str]) -> None:
        """A job scheduler each."""
        start = (CLOCK.now_ms() + START_AHEAD_MS) // 1000 * 1000
        for portion in portions(names):
            await self._producer.ask("everySecond", SECONDS, names=portion, start=start)
        self._names += names

    async def once(self, names: list[str], at_ms: int) -> None:
        """A delayed job each."""
        for portion in portions(names):
            await self._producer.ask("once", SECONDS, names=portion, at=at_ms)

    async def hold(self, count: int) -> None:
        """Delayed jobs."""
        names = [f"held-{n:08d}" for n in range(self._held, self._held + count)]
        self._held += count
        await self.once(names, CLOCK.now_ms() + YEAR_MS)

    async def clear(self) -> None:
        """Remove the job schedulers."""
        names, self._names = self._names, list[str]()
        for portion in portions(names):
            await self._producer.ask("remove", SECONDS, names=portion)

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
