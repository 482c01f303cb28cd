"""The embedded Kafka: one KRaft node from its published jars, fetched by Maven."""

import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

from tasker_devstack import layout
from tasker_devstack.ports import HOST, free_port, until_listening
from tasker_devstack.process import Child
from tasker_devstack.stamps import current, stamp
from tasker_devstack.trouble import Trouble

POM = Path(__file__).with_name("pom.xml")
UP_SECONDS = 60
MIN_JAVA = 17
JVM = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-Xshare:auto")
# One node, quick to settle: no waiting for further members, few internal partitions, abandoned transactions soon gone.
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
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""


def java() -> str:
    """The path of a Java that is new enough. Raises Trouble."""
    path = shutil.which("java")
    if path is None:
        raise Trouble(f"Java is missing: install JDK {MIN_JAVA} or newer, or set KAFKA_BOOTSTRAP_SERVERS to your Kafka")
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < MIN_JAVA:
        first = told.splitlines()[0] if told else "no version"
        raise Trouble(
            f"Java {MIN_JAVA} or newer is needed, this is {first}: install a newer JDK and put it on the PATH"
        )
    return path


def fetch_jars() -> bool:
    """Lay Kafka's jars into the project folder, unless they are there; returns whether it had to. Raises Trouble."""
    inputs = [POM]
    if current(layout.JARS, inputs):
        return False
    maven = shutil.which("mvn")
    if maven is None:
        raise Trouble("Maven is missing: install it (package `maven`), or set KAFKA_BOOTSTRAP_SERVERS to your Kafka")
    java()
    shutil.rmtree(layout.JARS, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={layout.JARS}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise Trouble(f"Maven could not fetch Kafka; is the network there? {(done.stdout + done.stderr)[-600:]}")
    stamp(layout.JARS, inputs)
    return True


class Broker:
    """One embedded broker: a folder and a port that stay the same over `stop`, `kill` and `start`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.bootstrap, self._port, self._folder = f"{HOST}:{port}", port, folder
        self._child: Child | None = None

    async def start(self) -> None:
        """Format the folder if it is new, start, and wait until it listens. Raises Trouble."""
        program, classpath = java(), f"{layout.JARS}/*"
        self._folder.mkdir(parents=True, exist_ok=True)
        properties, logs = self._folder / "server.properties", self._folder / "data"
        text = SETTINGS.format(host=HOST, port=self._port, controller=free_port(), logs=logs)
        properties.write_text(text)
        if not (logs / "meta.properties").exists():
            tool = [program, "-cp", classpath, "kafka.tools.StorageTool", "format", "-t", uuid4().hex[:22]]
            formatter = Child("kafka-format", [*tool, "-c", str(properties)])
            await formatter.start()
            if await formatter.wait():
                tail = "\n".join(formatter.tail)
                raise Trouble(f"Kafka's folder {logs} can't be formatted:\n{tail}")
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        self._child = Child("kafka", [program, *JVM, logging, "-cp", classpath, "kafka.Kafka", str(properties)])
        await self._child.start()
        if not await until_listening(self._port, UP_SECONDS) or not self._child.running:
            tail = "\n".join(self._child.tail)
            await self._child.stop(1)
            raise Trouble(f"Kafka does not come up on port {self._port}:\n{tail}")

    async def stop(self) -> None:
        """End it gracefully."""
        if self._child:
            await self._child.stop(20)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self._child:
            await self._child.kill()

    async def wait(self) -> int:
        """Wait for its end, whatever the reason."""
        if self._child is None:
            raise RuntimeError("not started")
        return await self._child.wait()
