"""The peers in Java: scheduler, worker and our commands to them are one process."""

from pathlib import Path

from bench.peers.controlled_program import ControlledProgram
from bench.peers.peer import PeerFailed
from bench.peers.postgres.postgres_peer import FOLDER, PostgresPeer
from bench.peers.postgres.postgres_store import postgres_version
from bench.peers.task_holder import CLOCK
from tasker_devstack.backends.embedded_kafka import java_path
from tasker_devstack.backends.maven import make_with_maven
from tasker_devstack.errors import DevstackError

SOURCES = Path(__file__).parent
TARGET = FOLDER / "jvm"


class JvmPeer(PostgresPeer):
    """`artifact` is the scheduler's jar, `main` our class that runs it."""

    artifact: str
    main: str

    async def install(self) -> str:
        """As Peer."""
        store = await postgres_version()
        sources = [path for path in (SOURCES / "src").rglob("*.*") if path.is_file()]
        try:
            java_path()
            goals = [f"-Dpeers.target={TARGET}", "compile"]
            await make_with_maven(TARGET, SOURCES / "pom.xml", goals, sources=sources)
        except DevstackError as error:
            raise PeerFailed(str(error)) from None
        return f"{self.name} {_jar_version(self.artifact)}, {store}, PostgreSQL JDBC {_jar_version('postgresql')}"

    async def start_scheduler(self) -> ControlledProgram:
        """As PostgresPeer."""
        options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{TARGET / 'classes'}:{TARGET / 'lib'}/*"]
        command = [java_path(), *options, f"tasker.bench.peers.{self.main}"]
        program = ControlledProgram(self.name, command, self.environment())
        await program.start()
        return program

    def processes(self) -> dict[str, int]:
        """As Peer; the scheduler is the worker."""
        return {"scheduler": self.program.pid, "store": self.store.pid}

    async def kill_scheduler(self) -> None:
        """As Peer; with it goes what it was executing."""
        self.log.killed(CLOCK.now_ms())
        await self.program.kill()
        await self.program.start()


def _jar_version(artifact: str) -> str:
    """The version of a jar that was fetched. Raises PeerFailed."""
    for path in (TARGET / "lib").glob(f"{artifact}-[0-9]*.jar"):
        return path.stem.removeprefix(f"{artifact}-")
    raise PeerFailed(f"{artifact} is not in {TARGET / 'lib'}: remove {TARGET} and try again")
