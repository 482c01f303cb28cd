"""PostgreSQL for one peer, on its own folder and port, and durable: it answers a commit when it is on disk."""

import asyncio
import os
import pwd
import shutil
import signal
from pathlib import Path

from bench.peers.peer import PeerFailed
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

USER = "postgres"
DATABASE = "peer"
UP_SECONDS = 60.0
SQL_SECONDS = 120.0
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_connections": "300",
}
MISSING = "PostgreSQL is missing: install it (package `postgresql`), or put its programs on the PATH"


class PostgresStore:
    """A server that begins empty each time; it runs as the system's user `postgres` where we are root."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._data, self.port = folder, folder / "postgres", free_port()
        self._server: ChildProcess | None = None

    @property
    def pid(self) -> int:
        """The process whose children are all others. Raises PeerFailed when it is not started."""
        if self._server is None:
            raise PeerFailed("PostgreSQL is not started: call start() first")
        return self._server.pid

    async def start(self) -> None:
        """Make an empty database and start its server. Raises PeerFailed."""
        _prepare(self._folder, self._data)
        made = ["-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"]
        await completed(ChildProcess("initdb", [*_as_user(), _program("initdb"), *made]), UP_SECONDS)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server = [*_as_user(), _program("postgres"), "-D", str(self._data), "-p", str(self.port), *settings]
        self._server = ChildProcess("postgres", server)
        await self._server.start()
        if not await until_listening(self.port, UP_SECONDS, self._server):
            await self.stop()
            raise PeerFailed(f"PostgreSQL does not come up on port {self.port}:\n{self._server.last_output()}")
        try:
            await eventually(self._answers, "an answer of PostgreSQL", UP_SECONDS)  # it listens before it answers
        except AssertionError as error:
            raise PeerFailed(f"{error}:\n{self._server.last_output()}") from None
        await self.query(f"CREATE DATABASE {DATABASE}", database=USER)

    async def stop(self) -> None:
        """End it, whoever is still connected."""
        if self._server is not None:
            await self._server.stop(number=signal.SIGINT)

    async def _answers(self) -> bool:
        try:
            return bool(await self.query("SELECT 1", database=USER))
        except PeerFailed:
            return False

    async def query(self, sql: str, *, database: str = DATABASE) -> list[list[str]]:
        """Carry out one statement; returns its rows. Raises PeerFailed."""
        where = ["-h", HOST, "-p", str(self.port), "-U", USER, "-d", database]
        options = ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        client = await asyncio.create_subprocess_exec(
            _program("psql"),
            *where,
            *options,
            "-c",
            sql,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SQL_SECONDS):
                output, errors = await client.communicate()
        except TimeoutError:
            client.kill()
            await client.wait()
            raise PeerFailed(f"PostgreSQL did not answer within {SQL_SECONDS:.0f} s: {sql}") from None
        if client.returncode:
            raise PeerFailed(f"PostgreSQL refuses `{sql}`: {errors.decode(errors='replace').strip()}")
        return [line.split("\t") for line in output.decode().splitlines()]


async def postgres_version() -> str:
    """As in `PostgreSQL 15.13`. Raises PeerFailed when its programs are missing."""
    for program in ("initdb", "psql"):
        _program(program)
    version = ChildProcess("postgres", [_program("postgres"), "--version"])
    await completed(version, UP_SECONDS)
    return f"PostgreSQL {version.last_output().split()[2]}"


def _program(name: str) -> str:
    """The path of one of its programs; Debian has most of them in a folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if path := shutil.which("postgres"):
        found.append(Path(path).resolve().parent / name)
    if found and found[-1].exists():
        return str(found[-1])
    raise PeerFailed(MISSING)


def _as_user() -> list[str]:
    """What goes before a command, as it refuses to run as root; it still ends when we end."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--pdeathsig=QUIT", "--"]


def _prepare(folder: Path, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    if os.getuid() != 0:
        return
    try:
        pwd.getpwnam(USER)
    except KeyError:
        raise PeerFailed(f"there is no user `{USER}`, and PostgreSQL does not run as root: {MISSING}") from None
    shutil.chown(data, USER, USER)
    closed = [path for path in (folder, *folder.parents) if not path.stat().st_mode & 0o001]
    if closed:
        raise PeerFailed(f"the user `{USER}` can't enter {closed[0]}: chmod o+x {closed[0]}")


async def completed(program: ChildProcess, seconds: float) -> None:
    """Let a program come to its end. Raises PeerFailed."""
    try:
        await program.start()
        async with asyncio.timeout(seconds):
            status = await program.wait()
    except TimeoutError:
        raise PeerFailed(f"{program.name} did not end within {seconds:.0f} s:\n{program.last_output()}") from None
    finally:
        await program.kill()
    if status:
        raise PeerFailed(f"{program.name} failed:\n{program.last_output()}")
