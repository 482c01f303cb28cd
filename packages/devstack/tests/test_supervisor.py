"""`make run` as a person has it: whole runs as processes, with all that comes in between."""

import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest
import pytest_asyncio

from tasker_devstack.backends.embedded_kafka import prepare_kafka
from tasker_devstack.errors import DevstackError
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST, free_port
from tasker_devstack.supervision.run_lock import RunLock
from tasker_devstack.supervision.supervisor import settings

READY_SECONDS, END_SECONDS = 60, 30
TASK = {"id": "kept", "schedule": {"every": "PT1S"}}


class Run:
    """A run with a folder and ports of its own; its environment can be changed between starts."""

    def __init__(self, folder: Path) -> None:
        self.state, self.lock, self.seen = folder, RunLock(folder), set[psutil.Process]()
        self.port = free_port()
        self.env = {
            "TASKER_STATE_DIR": str(folder),
            "TASKER_PORT": str(self.port),
            "TASKER_KAFKA_PORT": str(free_port()),
            "TASKER_MONGODB_PORT": str(free_port()),
            "TASKER_METRICS_PORT": str(free_consecutive_ports(4)),
        }
        self.child = self.process_of("run")

    def process_of(self, command: str) -> ChildProcess:
        """The process of `run`, `start`, `status` or `stop`, not started yet."""
        return ChildProcess(command, [sys.executable, "-m", "tasker_devstack", command], self.env)

    async def execute(self, command: str) -> tuple[int, str]:
        """(exit status, output) of a command that ends by itself."""
        child = self.process_of(command)
        await child.start()
        return await child.wait(), child.last_output()

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.child = self.process_of("run")
        await self.child.start()
        try:
            await eventually(self.ready, "a run that is up", READY_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.child.last_output()}") from None

    async def ready(self) -> bool:
        """Whether it says so. Notes its processes."""
        assert self.child.running, self.child.last_output()
        self.note_processes()
        return bool(self.lock.read().get("ready"))

    async def wait_for_line(self, text: str) -> None:
        """Wait for a line."""

        async def look() -> bool:
            assert self.child.running, self.child.last_output()
            return text in self.child.last_output()

        await eventually(look, text, READY_SECONDS)

    def note_processes(self) -> None:
        """Note the processes that it has started."""
        self.seen |= set(psutil.Process(self.child.pid).children(recursive=True))

    async def wait_until_all_ended(self) -> None:
        """Wait until all processes ever noted have ended."""

        async def look() -> bool:
            return not [p for p in self.seen if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

        await eventually(look, "the end of all processes", END_SECONDS)

    def services(self, *names: str) -> list[psutil.Process]:
        """The processes of some services."""
        modules = {f"tasker_{name}.main" for name in names}
        return [one for one in psutil.Process(self.child.pid).children() if modules & set(one.cmdline())]

    async def runs(self) -> int:
        """How many runs the log has."""
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}") as client:
            try:
                answer = await client.get("/api/v1/runs", params={"task_id": "kept", "limit": 100})
                return len(answer.raise_for_status().json()["items"])
            except httpx.HTTPError:
                return 0

    async def has_task(self) -> bool:
        """Whether the task is there."""
        assert self.child.running, self.child.last_output()
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}") as client:
            try:
                return (await client.get("/api/v1/tasks/kept")).status_code == 200
            except httpx.HTTPError:
                return False

    async def more_runs(self) -> None:
        """Wait until the log has got longer."""
        before = await self.runs()

        async def look() -> bool:
            return await self.runs() > before

        await eventually(look, "further runs", READY_SECONDS)

    async def create(self) -> None:
        """Create a task that is due each second."""
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{self.port}", timeout=20) as client:
            assert (await client.post("/api/v1/tasks", json=TASK)).status_code == 201


def free_consecutive_ports(length: int) -> int:
    """The first of some ports in a row that are free at the moment."""
    while True:
        first = free_port()
        try:
            for number in range(first, first + length):
                socket.create_server((HOST, number)).close()
        except (OSError, OverflowError):
            continue
        return first


@pytest_asyncio.fixture(loop_scope="session")
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    """A run on embedded backends, not started yet; nothing of it outlives the test."""
    await prepare_kafka()
    found = Run(tmp_path)
    yield found
    await found.execute("stop")
    await found.child.kill()


@pytest.fixture
def light(run: Run, kafka: str, database: str) -> Run:
    """A run on backends that are up already."""
    run.env |= {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MONGODB_URL": database}
    run.env["TASKER_TOPIC_PREFIX"] = f"t{uuid4().hex[:10]}"
    return run


async def test_it_shows_the_ways_in_keeps_its_services_up_and_ends_on_a_signal(light: Run) -> None:
    await light.start()
    ways = (
        f"browser   http://localhost:{light.port}",
        "curl -s http://localhost",
        f"{light.env['TASKER_TOPIC_PREFIX']}.task-events",
    )

    async def shown() -> bool:  # what it prints comes through a pipe
        return all(way in light.child.last_output() for way in ways)

    await eventually(shown, "the three ways in")
    assert "\033" not in light.child.last_output(), "no colours in a pipe"
    status, second = await light.execute("run")
    assert (status, second.count("\n")) == (1, 0)
    assert f"runs here already (pid {light.child.pid})" in second
    await light.create()
    await light.more_runs()
    for service in light.services("ticker", "api"):
        service.kill()
    await light.more_runs()
    light.note_processes()
    light.child.send(signal.SIGINT)
    assert await light.child.wait() == 0
    assert light.child.tail[-1].endswith("stopped")
    await light.wait_until_all_ended()


async def test_in_the_background_and_after_a_kill_of_it(run: Run) -> None:
    assert await run.execute("stop") == (0, "Tasker does not run here")
    status, output = await run.execute("status")
    assert status == 1
    assert "start it with" in output
    status, output = await run.execute("start")
    assert status == 0, output
    assert f"running at http://localhost:{run.port}" in output
    assert (await run.execute("status"))[1].startswith(f"running at http://localhost:{run.port} (pid ")
    status, output = await run.execute("start")
    assert status == 1
    assert "runs here already" in output

    await run.create()
    supervisor = psutil.Process(run.lock.read()["pid"])
    run.seen = {supervisor, *supervisor.children(recursive=True)}
    assert len(run.seen) == 7, "itself, the four services, Kafka and MongoDB"
    supervisor.kill()
    await run.wait_until_all_ended()
    assert (await run.execute("status"))[0] == 1

    await run.child.start()
    await eventually(run.has_task, "the task of the run before", READY_SECONDS)
    run.note_processes()
    assert await run.execute("stop") == (0, "stopped")
    assert await run.child.wait() == 0
    await run.wait_until_all_ended()


async def test_a_start_that_is_killed_shows_the_end_of_its_log(run: Run) -> None:
    starting = run.process_of("start")
    await starting.start()

    async def begun() -> bool:
        return "pid" in run.lock.read()

    await eventually(begun, "the run in the background")
    psutil.Process(run.lock.read()["pid"]).kill()
    assert await starting.wait() == 1
    assert "ended with status -9 before it was ready:\n" in starting.last_output()


@pytest.mark.parametrize("moment", ["Kafka and MongoDB …", "services …"])
async def test_it_ends_soon_while_it_starts(run: Run, moment: str) -> None:
    await run.child.start()
    await run.wait_for_line(moment)
    run.note_processes()
    run.child.send(signal.SIGINT)
    assert await run.child.wait() == 0
    await run.wait_until_all_ended()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"PATH": "/nowhere"}, "Java is missing: install JDK 17 or newer"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "Kafka at 127.0.0.1:1 can't be used"),
        ({"TASKER_PARTITIONS": "x"}, "TASKER_PARTITIONS='x': "),
        ({"TASKER_PORT": "70000"}, "TASKER_PORT='70000' is no port"),
        ({"TASKER_KAFKA_PORT": "27018", "TASKER_MONGODB_PORT": "27018"}, "change TASKER_MONGODB_PORT"),
        ({"TASKER_DATA_DIR": "/dev/null/x"}, "set TASKER_DATA_DIR to another"),
    ],
)
async def test_what_is_in_the_way_is_named_in_one_line(light: Run, settings: dict[str, str], reason: str) -> None:
    if not settings.keys() & {"MONGODB_URL", "KAFKA_BOOTSTRAP_SERVERS"}:
        del light.env["KAFKA_BOOTSTRAP_SERVERS"]
        del light.env["MONGODB_URL"]
    light.env |= settings
    status, output = await light.execute("run")
    assert status == 1
    lines = [line for line in output.splitlines() if "│" not in line]
    assert len(lines) == 1, output
    assert lines[0].startswith("tasker: ")
    assert reason in lines[0]


def test_settings_that_do_not_go_together_are_told_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_KAFKA_SASL_USERNAME", "tasker")
    monkeypatch.setenv("TASKER_KAFKA_SASL_PASSWORD", "horse")
    with pytest.raises(DevstackError, match="without SASL: set TASKER_KAFKA_SECURITY_PROTOCOL=SASL_SSL") as raised:
        settings()
    assert "horse" not in str(raised.value)
