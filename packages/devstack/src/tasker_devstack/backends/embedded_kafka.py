"""The embedded Kafka: one KRaft node from its published jars, fetched by Maven."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

from tasker_devstack import paths
from tasker_devstack.backends.broker_security import BrokerSecurity
from tasker_devstack.backends.class_archive import ClassArchive, archiving_options
from tasker_devstack.backends.embedded_backend import EmbeddedBackend
from tasker_devstack.backends.maven import alone, make_with_maven
from tasker_devstack.build_stamps import is_current
from tasker_devstack.errors import DevstackError
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port, until_listening

POM = Path(__file__).with_name("pom.xml")
UP_SECONDS = 60
MIN_JAVA = 17
OWN_KAFKA = "set KAFKA_BOOTSTRAP_SERVERS to your Kafka"
JVM = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-Xshare:auto")
QUICK = "-XX:TieredStopAtLevel=1"
"""Compile once, simply: what better code saves, a program that ends within a minute does not live to see."""
# One node, quick to settle: no waiting for further members, few internal partitions, transactions aborted soon;
# after a kill the new process is let in when the session of the old one has ended (by default 9 s).
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""
# A second listener, whose clients are directed to a proxy in front of it.
BEHIND_A_PROXY = """\
listeners=PLAINTEXT://{host}:{port},BEHIND://{host}:{behind},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},BEHIND://{host}:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,BEHIND:PLAINTEXT,CONTROLLER:PLAINTEXT
"""


def java_path() -> str:
    """The path of a Java that is new enough. Raises DevstackError."""
    return _found_java()[0]


def _found_java() -> tuple[str, str]:
    """The path of Java, and what it says of its version. Raises DevstackError."""
    path = shutil.which("java")
    if path is None:
        raise DevstackError(f"Java is missing: install JDK {MIN_JAVA} or newer, or {OWN_KAFKA}")
    return path, _java_version(path)


@cache
def _java_version(path: str) -> str:
    output = subprocess.run([path, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    found = re.search(r'version "(\d+)', output)
    if found is None or int(found[1]) < MIN_JAVA:
        first = output.splitlines()[0] if output else "no version"
        raise DevstackError(
            f"Java {MIN_JAVA} or newer is needed, this is {first}: install a newer JDK and put it on the PATH"
        )
    return output


async def prepare_kafka() -> None:
    """Fetch the jars and archive their classes, unless both is done. Raises DevstackError."""
    await fetch_jars()
    archive, java = ClassArchive(paths.JARS), _found_java()[1]
    if archive.was_made_by(java):
        return
    async with alone():
        if not archive.was_made_by(java):  # another process has made it meanwhile
            with contextlib.suppress(DevstackError):  # without it, brokers start all the same
                await _archive_classes(archive, java)


async def _archive_classes(archive: ClassArchive, java: str) -> None:
    """Let a broker start and end, and keep what it leaves. Raises DevstackError."""
    folder = paths.JARS.parent / "class-archive"
    shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
    broker = EmbeddedKafka(folder / "kafka", free_port(), archive_to=folder / "classes")
    try:
        await broker.start()
        await broker.stop()
        if await broker.wait() >= 0:  # else it was killed while it wrote
            archive.keep(folder / "classes", java)
    finally:
        await broker.kill()
        shutil.rmtree(folder, ignore_errors=True)


async def fetch_jars(jars: Path = paths.JARS) -> bool:
    """Fetch Kafka's jars into a folder, unless they are there; returns whether it had to.

    Raises DevstackError.
    """
    if is_current(jars, [POM]):
        return False
    java_path()
    try:
        return await make_with_maven(jars, POM, ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"])
    except DevstackError as error:
        raise DevstackError(f"Kafka can't be fetched: {error}; or {OWN_KAFKA}") from None


class EmbeddedKafka(EmbeddedBackend):
    """One embedded broker.

    `proxy` is the port of a proxy that forwards to `behind`: clients who come that way are kept on it. `settings` are
    broker settings that go before ours; `security` adds listeners for clients that log in. One that is `short_lived`
    starts with half the CPU time and is slower later. `archive_to` is where it leaves an archive of its classes.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        proxy: int | None = None,
        settings: Mapping[str, str] | None = None,
        security: BrokerSecurity | None = None,
        short_lived: bool = False,
        archive_to: Path | None = None,
    ) -> None:
        super().__init__(folder, port)
        self._archive_to = archive_to
        self.bootstrap = f"{HOST}:{port}"
        self.behind, self._proxy, self._more = free_port(), proxy, dict(settings or {})
        self._security, self._jvm = security, (*JVM, QUICK) if short_lived else JVM

    async def start(self) -> None:
        """Format the folder if it is new, start, and wait until it listens. Raises DevstackError."""
        program, classpath, shared = java_path(), f"{paths.JARS}/*", ClassArchive(paths.JARS).options()
        self._folder.mkdir(parents=True, exist_ok=True)
        controller, logs = free_port(), self._folder / "data"
        if not logs.exists():
            await self._format(
                [program, *JVM, QUICK, *shared, "-cp", classpath, "kafka.tools.StorageTool", "format"], controller, logs
            )
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        properties = self._settings(controller, logs)
        jvm = [*self._jvm, *(archiving_options(self._archive_to) if self._archive_to else shared), logging]
        self._child = ChildProcess("kafka", [program, *jvm, "-cp", classpath, "kafka.Kafka", properties])
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS, self._child):
            await self._child.stop(1)
            raise DevstackError(f"Kafka does not come up on port {self._port}:\n{self._child.last_output()}")

    def _settings(self, controller: int, logs: Path) -> str:
        properties = self._folder / "server.properties"
        template = SETTINGS if self._proxy is None else SETTINGS + BEHIND_A_PROXY  # of two lines the later one counts
        text = template.format(
            host=HOST, port=self._port, controller=controller, logs=logs, behind=self.behind, proxy=self._proxy
        )
        if self._security is not None:
            text += self._security.settings(self._port, controller)
        properties.write_text(text + "".join(f"{name}={value}\n" for name, value in self._more.items()))
        return str(properties)

    async def _format(self, tool: list[str], controller: int, logs: Path) -> None:
        """Format a folder beside the final one, so that an interruption leaves nothing half made."""
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        properties = self._settings(controller, fresh)
        users = [] if self._security is None else self._security.format_options()
        self._child = ChildProcess("kafka-format", [*tool, "-t", uuid4().hex[:22], "-c", properties, *users])
        await self._child.start()
        if await self._child.wait():
            raise DevstackError(f"Kafka's folder {logs} can't be formatted:\n{self._child.last_output()}")
        fresh.rename(logs)
