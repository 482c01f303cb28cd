"""Celery: beat and a worker on Redis."""

import asyncio
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Final

from bench.peers.celery.arithmetic_series import series_from_first
from bench.peers.controlled_program import ControlledProgram
from bench.peers.peer import Execution, PeerFailed
from bench.peers.peer_folders import INSTALLED, install_python, run
from bench.peers.program_peer import ProgramPeer
from bench.peers.redis.execution_stream import ExecutionStream
from bench.peers.redis.redis_connection import RedisConnection
from bench.peers.redis.redis_server import SETTINGS, RedisServer, install_redis
from bench.peers.task_holder import CLOCK
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import free_port

SLOTS: Final = "200"
READY_SECONDS: Final = 60
FIRST_RUN_SECONDS: Final = 15
LOOK_SECONDS: Final = 0.2
QUEUE: Final = "celery"
PROGRAMS: Final = Path(__file__).resolve().parent


class CeleryPeer(ProgramPeer):
    """What is due each second are entries of beat's schedule, which beat reads when it starts: a change restarts it, as
    its documentation has it. What is due once is sent with an ETA: the worker fetches it at once and keeps it.

    Beat tells no nominal time, and an entry is due one second after beat sent it last, at no certain moment of a
    second. So the nominal times of an entry are taken to be an arithmetic series from its first run
    (`series_from_first`), so that what drifts shows as lateness; an entry that has fallen behind by a whole second has
    left one out, which is missing.

    The pool is one of threads: as many slots as the others have, and less CPU for each task than processes take.

    Killed is beat: the process that decides what is due. (An ETA is waited for by the worker.)
    """

    name = "Celery"
    settings = (
        f"beat (PersistentScheduler) and 1 worker, {SLOTS} threads, acks_late, visibility_timeout 2 years, result "
        f"backend on; killed: beat; Redis: {SETTINGS}"
    )

    def __init__(self) -> None:
        super().__init__("celery")
        self._redis = RedisServer(self.folder / "redis", free_port())
        self._schedule = self.folder / "schedule.json"
        python = str(INSTALLED / "celery" / "venv" / "bin" / "python")
        env = {
            "REDIS_PORT": str(self._redis.port),
            "SCHEDULE_FILE": str(self._schedule),
            "PYTHONPATH": str(PROGRAMS),
            "C_FORCE_ROOT": "1",
        }
        celery = [python, "-m", "celery", "-A", "recorded_tasks"]
        self._ready = asyncio.Event()
        self._worker = ChildProcess(
            "worker", [*celery, "worker", "-l", "warning", "-P", "threads", "-c", SLOTS], env, self._heard
        )
        state = str(self.folder / "beat-schedule")
        self._beat = ChildProcess("beat", [*celery, "beat", "-l", "warning", "-s", state, "--pidfile", ""], env)
        self.storing = ControlledProgram("Celery's producer", [python, str(PROGRAMS / "task_producer.py")], env)
        self._connection = RedisConnection(self._redis.port)
        self._log = ExecutionStream(self._connection)

    async def install(self) -> str:
        """Celery by pip, Redis."""
        redis = await install_redis()
        python = await install_python("celery")
        code = "import celery, kombu, platform; print(celery.__version__, kombu.__version__, platform.python_version())"
        celery, kombu, own = (await run(str(python), "-c", code, folder=INSTALLED)).split()
        return f"Celery {celery}, Kombu {kombu}, Python {own}, {redis}"

    async def start_parts(self) -> None:
        """Redis, the worker, the producer, beat."""
        self.stack.push_async_callback(self._redis.stop)
        await self._redis.start()
        self.stack.push_async_callback(self._worker.stop, 5)
        await self._worker.start()
        self.stack.push_async_callback(self.storing.stop)
        await self.storing.start()
        self.stack.push_async_callback(self._beat.stop, 5)
        await self._beat.start()
        self.stack.push_async_callback(self._connection.close)
        try:
            await asyncio.wait_for(self._ready.wait(), READY_SECONDS)
        except TimeoutError:
            raise PeerFailed(f"Celery's worker is not ready: {self._worker.last_output()[-500:]}") from None

    async def every_second(self, names: list[str]) -> None:
        """Entries of beat's schedule; waits until there was a first run of each, or for so long as is fair."""
        self.names += names
        wanted = await self.executed() + len(self.names)
        await self._restart_beat()
        deadline = CLOCK.now_ms() + FIRST_RUN_SECONDS * 1000
        while await self.executed() < wanted and CLOCK.now_ms() < deadline:
            await asyncio.sleep(LOOK_SECONDS)

    async def clear(self) -> None:
        """An empty schedule, and an empty queue."""
        self.names.clear()
        await self._restart_beat()
        await self._connection.command("DEL", QUEUE)

    async def executed(self) -> int:
        """Entries of the log."""
        return await self._log.length()

    async def executions(self) -> list[Execution]:
        """The log. What has no nominal time is given one."""
        found, secondly = list[Execution](), defaultdict[str, dict[float, float]](dict)
        async for one in self._log.entries():
            if one.nominal:
                found.append(Execution(one.task, int(one.nominal), one.started_ms, one.logged_ms))
            else:
                secondly[one.task][one.started_ms] = one.logged_ms
        for task, times in secondly.items():
            series = series_from_first(list(times))
            found += [Execution(task, nominal, started, times[started]) for nominal, started in series]
        return found

    async def forget(self) -> None:
        """Empty the log."""
        await self._log.clear()

    def processes(self) -> dict[str, int]:
        """Beat, the worker with its pool, Redis."""
        return {"scheduler": self._beat.pid, "worker": self._worker.pid, "store": self._redis.pid}

    async def kill_scheduler(self) -> None:
        """Beat."""
        await self._beat.kill()
        await self._beat.start()

    async def _restart_beat(self) -> None:
        await asyncio.to_thread(self._write_schedule)
        await self._beat.stop(10)
        await self._beat.start()

    def _write_schedule(self) -> None:
        new = self._schedule.with_suffix(".new")
        new.write_text(json.dumps(self.names))
        os.replace(new, self._schedule)

    def _heard(self, line: str) -> None:
        if "worker is ready" in line:
            self._ready.set()
