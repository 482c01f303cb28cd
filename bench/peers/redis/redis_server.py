"""A Redis server of a peer's own: append-only file, written to disk every second, nothing evicted."""

import os
import shutil
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL

from bench.peers.peer import PeerFailed
from tasker_devstack.backends.embedded_backend import EmbeddedBackend
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, until_listening

UP_SECONDS = 30
SETTINGS = "appendonly yes, appendfsync everysec, no snapshots, maxmemory-policy noeviction"


class RedisServer(EmbeddedBackend):
    """One server, empty when its folder is."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._port

    async def start(self) -> None:
        """Start it, and wait until it listens. Raises PeerFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        place = ["--bind", HOST, "--port", str(self._port), "--dir", str(self._folder), "--daemonize", "no"]
        safety = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"]
        self._child = ChildProcess("redis", ["redis-server", *place, *safety, "--loglevel", "warning"])
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS, self._child):
            await self._child.stop(1)
            raise PeerFailed(f"redis-server does not come up on port {self._port}: {self._child.last_output()[-500:]}")


async def install_redis() -> str:
    """The version of the one on the PATH; where there is none, Debian's package is installed. Raises PeerFailed."""
    if shutil.which("redis-server") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise PeerFailed("redis-server is missing: install it (on Debian: apt-get install redis-server)")
        await _run("apt-get", "install", "-y", "redis-server")
        if shutil.which("systemctl"):  # the package starts one of its own, which is not needed
            await _run("systemctl", "disable", "--now", "redis-server")
        if shutil.which("redis-server") is None:
            raise PeerFailed("redis-server cannot be installed: apt-get update, and apt-get install redis-server")
    shown = await create_subprocess_exec("redis-server", "--version", stdout=-1, stdin=DEVNULL)
    output, _ = await shown.communicate()
    words = dict(word.split("=", 1) for word in output.decode().split() if "=" in word)
    return f"Redis {words.get('v', '?')}"


async def _run(*command: str) -> None:
    process = await create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    await process.wait()
