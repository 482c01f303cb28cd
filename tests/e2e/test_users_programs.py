"""What users run beside Tasker, on one whole system: the command, the REST clients, the services of the examples."""

import asyncio
import json
import os
import pty
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tasker import AsyncClient, Client, TaskerProblem
from tasker_cli.main import main
from tasker_devstack import paths
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.pytest_plugin import fresh_database
from tasker_devstack.topic_cleanup import delete_topics

SECONDS = 30
Capture = pytest.CaptureFixture[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(kafka: str, mongodb: str) -> AsyncIterator[System]:
    """One system for all of these tests."""
    async with fresh_database(mongodb) as url:
        found = System(kafka, url, paths.WEB / "dist")
        async with found.running():
            yield found
        await delete_topics(found.connection, found.topic_prefix)


class Terminal:
    """Carries out commands in this process, beside the event loop."""

    def __init__(self, system: System, capture: Capture) -> None:
        self._url, self._capture, self.errors = system.api_url, capture, ""

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it writes to standard output."""
        self._capture.readouterr()
        async with asyncio.timeout(SECONDS):
            ended = await asyncio.to_thread(main, ["--url", self._url, *arguments])
        written = self._capture.readouterr()
        assert ended == code, (arguments, ended, written)
        self.errors = written.err
        return written.out

    async def json(self, *arguments: str) -> Any:
        """The JSON value that it writes."""
        return json.loads(await self(*arguments, "--json"))

    async def json_lines(self, *arguments: str) -> list[Any]:
        """The JSON values that it writes, one a line."""
        return [json.loads(line) for line in (await self(*arguments, "--json")).splitlines()]


@pytest.fixture
def tasker(running: System, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """The command, with nobody's configuration."""
    monkeypatch.setenv("TASKER_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("TZ", "UTC")
    return Terminal(running, capsys)


def heed_interrupts() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and so all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@asynccontextmanager
async def started(system: System, *arguments: str, **streams: Any) -> AsyncGenerator[Process]:
    """The command as a process of its own; ended in the end."""
    command = [sys.executable, "-m", "tasker_cli.main", "--url", system.api_url, *arguments]
    process = await asyncio.create_subprocess_exec(*command, preexec_fn=heed_interrupts, **streams)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_task_from_its_making_to_its_end(tasker: Terminal) -> None:
    made = await tasker("tasks", "create", "walk", "--every", "1s", "--tag", "cli", "--payload", '{"n": 1}')
    assert "Every second" in made
    await tasker("tasks", "create", "walk", "--manual", code=1)
    assert "there is a task 'walk' already" in tasker.errors
    (listed,) = await tasker.json_lines("tasks", "list", "wal", "--tag", "cli")
    assert (listed["id"], listed["state"]) == ("walk", "active")

    run = await tasker.json("tasks", "trigger", "walk", "--payload", '"another"', "--wait")
    assert (run["state"], run["payload"], run["kind"]) == ("succeeded", "another", "manual")
    assert run["id"] in await tasker("runs", "show", run["id"])
    again = await tasker.json("runs", "rerun", run["id"], "--wait")
    assert (again["payload"], again["id"] != run["id"]) == ("another", True)
    await tasker("runs", "cancel", run["id"], code=1)
    assert "ended already" in tasker.errors
    assert again["id"] in await tasker("runs", "list", "--task", "walk", "--kind", "manual")

    await tasker("tasks", "edit", "walk", "--set", "name=Long walk", "--set", "retry.max_attempts=2")
    changes = await tasker("tasks", "edit", "walk", "--set", "retry.max_attempts=9", "--dry-run")
    assert '+    "max_attempts": 9' in changes
    assert (await tasker.json("tasks", "show", "walk"))["retry"]["max_attempts"] == 2
    await tasker("tasks", "edit", "walk", "--set", "timeout=PT9", code=1)
    assert "/timeout: 'PT9' is not" in tasker.errors
    await tasker("--actor", "ann", "tasks", "pause", "walk", "nobody", "--note", "lunch", code=3)
    assert "by ann: lunch" in await tasker("tasks", "show", "walk")
    assert "Paused by ann" in (await tasker("history", "walk")).splitlines()[0]

    async def explained() -> list[Any]:
        return await tasker.json_lines("why", "walk", "--status", "paused", "-n", "1")

    (paused,) = await eventually(explained, "an occurrence in the pause")
    assert "by ann" in paused["text"]
    assert "succeeded" in await tasker("logs", "walk", "-n", "1")
    assert (await tasker("tasks", "resume", "walk")).startswith("walk: resumed, next at ")

    await tasker("tasks", "delete", "walk", "nobody", code=1)
    assert "say --yes" in tasker.errors
    assert "would be deleted" in await tasker("tasks", "delete", "walk", "--dry-run")
    await tasker("tasks", "delete", "walk")
    await tasker("tasks", "show", "walk", code=3)
    first = (await tasker.json_lines("history", "walk"))[-1]["version"]
    assert f"as in version {first}" in await tasker("tasks", "revert", "walk", str(first))
    await tasker("tasks", "delete", "walk")


async def test_what_only_looks(tasker: Terminal) -> None:
    preview = await tasker("preview", "30 2 * * *", "-z", "Europe/Berlin", "--from", "2026-03-28T00:00:00Z", "-n", "2")
    assert "2026-03-29T03:00:00+02:00" in preview
    await tasker("tasks", "create", "forecast", "--every", "10m", "--paused")
    assert "At" in await tasker("tasks", "create", "none", "--cron", "0 9 * * 1-5", "--dry-run")
    await tasker("tasks", "show", "none", code=3)
    await tasker("tasks", "resume", "forecast")
    found = await tasker("forecast", "--to", "1h", "--search", "forecast")
    assert " runs of 1 task from " in found
    await tasker("tasks", "delete", "forecast")
    assert (await tasker("system", "--check")).startswith("green")
    assert "default" in await tasker("handlers")
    assert "everybody may do all" in await tasker("whoami")
    assert await tasker("dead-letters", "list") == ""


async def test_the_log_is_followed_until_ctrl_c(running: System, tasker: Terminal) -> None:
    await tasker("tasks", "create", "seen", "--every", "1s")
    async with started(running, "logs", "--follow", "seen", "--json", stdout=PIPE, stderr=PIPE) as following:
        assert following.stdout is not None
        async with asyncio.timeout(SECONDS):
            runs = [json.loads(await following.stdout.readline()) for _ in range(3)]
            following.send_signal(signal.SIGINT)
            output, errors = await following.communicate()
    assert (following.returncode, errors) == (130, b"")
    runs += [json.loads(line) for line in output.splitlines()]
    assert len({run["id"] for run in runs}) == len(runs)
    await tasker("tasks", "delete", "seen")


async def test_who_reads_no_further_ends_it_quietly(running: System, tasker: Terminal) -> None:
    await tasker("tasks", "create", "piped", "--every", "1s")
    reading, writing = os.pipe()
    async with started(running, "logs", "--follow", "-n", "0", stdout=writing, stderr=PIPE) as following:
        os.close(reading)
        os.close(writing)
        async with asyncio.timeout(SECONDS):
            _, errors = await following.communicate()
    assert (following.returncode, errors) == (141, b"")
    await tasker("tasks", "delete", "piped")


async def test_a_task_is_changed_in_the_editor(running: System, tasker: Terminal, tmp_path: Path) -> None:
    await tasker("tasks", "create", "edited", "--every", "15m")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/PT15M/PT20M/ "$1"\n')
    editor.chmod(0o755)
    master, slave = pty.openpty()
    environment = os.environ | {"EDITOR": str(editor), "VISUAL": "", "NO_COLOR": "1"}
    streams = {"stdin": slave, "stdout": PIPE, "stderr": PIPE, "env": environment}
    async with started(running, "tasks", "edit", "edited", **streams) as editing:
        os.write(master, b"y\n")
        async with asyncio.timeout(SECONDS):
            output, errors = await editing.communicate()
    os.close(master)
    os.close(slave)
    assert editing.returncode == 0, errors
    assert '+    "every": "PT20M"' in output.decode()
    assert "removed" in output.decode()  # runs that the new schedule does not have
    assert "edited: saved as version" in output.decode()
    assert (await tasker.json("tasks", "show", "edited"))["schedule"]["every"] == "PT20M"
    await tasker("tasks", "delete", "edited")


async def test_the_clients(running: System) -> None:
    async with AsyncClient(running.api_url, actor="ann") as client:
        task = await client.tasks.create({"schedule": {"manual": True}, "tags": ["client"]}, key="once")
        again = await client.tasks.create({"schedule": {"manual": True}, "tags": ["client"]}, key="once")
        assert again["id"] == task["id"]
        changes = client.changes.follow(kind="runs", task_id=task["id"])
        assert (await anext(changes)).event == "open"
        triggered = await client.tasks.trigger(task["id"], payload=[1])
        async with asyncio.timeout(SECONDS):
            hint = await anext(changes)
        assert triggered["run_id"] in hint.data

        async def ended() -> bool:
            return (await client.runs.get(triggered["run_id"]))["state"] == "succeeded"

        await eventually(ended, "the run has succeeded")
        patched = await client.tasks.patch(task["id"], {"name": "Patched"}, if_version=task["version"])
        with pytest.raises(TaskerProblem) as caught:
            await client.tasks.put(task["id"], {"schedule": {"manual": True}}, if_version=task["version"])
        assert caught.value.status == 412
        assert [one["id"] async for one in client.tasks.list(tag="client")] == [task["id"]]
        assert [one["actor"] async for one in client.tasks.history(task["id"])] == ["ann", "ann"]
    assert patched["name"] == "Patched"

    def walk() -> None:
        with Client(running.api_url) as client:
            assert next(client.tasks.list(tag="client"))["name"] == "Patched"
            with pytest.raises(TaskerProblem) as caught:
                client.tasks.put("odd", {"schedule": {"cron": "* * *"}})
            assert [error["pointer"] for error in caught.value.errors] == ["/schedule/cron"]
            client.tasks.delete(task["id"])

    await asyncio.to_thread(walk)


@asynccontextmanager
async def example(system: System, module: str) -> AsyncGenerator[asyncio.StreamReader]:
    """A service of examples/faststream-services as it would be started by hand, and what it writes."""
    command = [sys.executable, "-m", "faststream", "run", f"tasker_faststream_example.{module}:app"]
    environment = os.environ | {"KAFKA_BOOTSTRAP_SERVERS": system.kafka, "TASKER_TOPIC_PREFIX": system.topic_prefix}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environment)
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.terminate()
        async with asyncio.timeout(SECONDS):
            await process.communicate()
    assert process.returncode == 0


async def told(output: asyncio.StreamReader, task_id: str) -> str:
    """The next line about a task; FastStream writes lines of its own, too."""
    while not (line := (await output.readline()).decode()).startswith(task_id):
        assert line, "the service has ended"
    return line


async def test_an_executor_of_ones_own_and_a_reader_of_results_in_faststream(
    running: System, tasker: Terminal, tmp_path: Path
) -> None:
    async with example(running, "shout_executor"), example(running, "failure_watch") as watched:

        async def announced() -> bool:
            return "shout" in await tasker("handlers")

        await eventually(announced, "the handler is announced")
        await tasker("tasks", "create", "loud", "--manual", "--handler", "shout", "--payload", '{"text": ""}', code=1)
        assert "/payload/text" in tasker.errors
        definition = tmp_path / "loud.json"
        definition.write_text(json.dumps({"schedule": {"manual": True}, "then": [{"task": "after"}]}))
        options = ("--file", str(definition), "--handler", "shout", "--payload", '{"text": "hello"}')
        await tasker("tasks", "create", "after", "--manual")
        await tasker("tasks", "create", "loud", *options)
        run = await tasker.json("tasks", "trigger", "loud", "--wait")
        assert (run["result"], run["worker"].partition("-")[0]) == ({"text": "HELLO!"}, "shouter")

        async def followed() -> list[Any]:
            return await tasker.json_lines("runs", "list", "--task", "after", "--kind", "chained")

        assert (await eventually(followed, "the run that follows"))[0]["after"]["run_id"] == run["id"]

        broken = ("--handler", "curl", "--payload", '"http://127.0.0.1:1/"')
        await tasker("tasks", "create", "broken", "--manual", *broken)
        for _ in range(3):
            await tasker("tasks", "trigger", "broken", "--wait", code=1)
        async with asyncio.timeout(SECONDS):
            assert "has failed 3 times in a row: " in await told(watched, "broken")
            await tasker("tasks", "edit", "broken", "--set", "handler=default")
            await tasker("tasks", "trigger", "broken", "--wait")
            assert await told(watched, "broken") == "broken works again\n"
    await tasker("tasks", "delete", "loud", "after", "broken", "--yes")
