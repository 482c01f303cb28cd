"""The command and the Python client on a whole system with keys: who may do what, and many tasks at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tasker import Client, TaskerProblem
from tasker.rest.request_policy import RequestPolicy
from tasker_cli.main import main
from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.topic_cleanup import delete_topics
from tasker_runtime.access.key_administration import create_key
from tasker_runtime.clock import utc_now

SECONDS = 30
CRONTAB = """\
CRON_TZ=Europe/Berlin
# Reports
0 9 * * 1-5 curl -fsS https://example.org/report
*/15 * * * * curl -fsS https://example.org/poll
"""


class Terminal:
    """Carries out commands in this process, beside the event loop, with the key that is set."""

    def __init__(
        self, system: System, keys: Path, capture: pytest.CaptureFixture[str], environment: pytest.MonkeyPatch
    ) -> None:
        self.url, self.keys, self.errors = system.api_url, keys, ""
        self._capture, self._environment = capture, environment

    def use(self, key: str) -> None:
        self._environment.setenv("TASKER_API_KEY", key)

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        """What it writes to standard output."""
        self._capture.readouterr()
        async with asyncio.timeout(SECONDS):
            ended = await asyncio.to_thread(main, ["--url", self.url, *arguments])
        written = self._capture.readouterr()
        assert ended == code, (arguments, ended, written)
        self.errors = written.err
        return written.out

    async def json(self, *arguments: str) -> Any:
        return json.loads(await self(*arguments, "--json"))

    async def key(self, name: str, role: str, *options: str) -> Any:
        """A new key, made by the command."""
        return await self.json("keys", "create", name, "--role", role, "--file", str(self.keys), *options)


@pytest_asyncio.fixture(loop_scope="session")
async def tasker(
    kafka: str, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Terminal]:
    """The command with an admin key, and nobody's configuration."""
    keys = tmp_path / "keys.json"
    admin = create_key(keys, "admin", "admin", utc_now())
    monkeypatch.setenv("TASKER_CONFIG", str(tmp_path / "config.toml"))
    system = System(kafka, database, env={"TASKER_API_KEYS_FILE": str(keys)})
    async with system.running():
        found = Terminal(system, keys, capsys, monkeypatch)
        found.use(admin.text)
        yield found
    await delete_topics(system.connection, system.topic_prefix)


async def test_who_may_do_what_and_many_tasks_at_once(tasker: Terminal, tmp_path: Path) -> None:
    assert ": admin, admin" in await tasker("whoami")
    key = await _roles(tasker)
    await _many_tasks(tasker, tmp_path)
    await asyncio.to_thread(_client, tasker.url, key, tmp_path)


async def _roles(tasker: Terminal) -> str:
    """The key of an operator, which is in use then."""
    operator = await tasker.key("deployer", "operator")
    viewer = await tasker.key("reader", "viewer")
    slow = await tasker.key("slow", "viewer", "--rate", "0.01")

    async def all_known() -> bool:
        for key in (operator, viewer, slow):
            tasker.use(key["key"])
            try:
                assert f": {key['name']}, {key['role']}" in await tasker("whoami")
            except AssertionError:
                return False
        return True

    await eventually(all_known, "the API knows the new keys")

    tasker.use(viewer["key"])
    await tasker("tasks", "create", "a", "--manual", code=1)
    assert "takes the role operator" in tasker.errors
    assert "`tasker whoami` says which role this key has" in tasker.errors
    tasker.use(slow["key"])
    with pytest.raises(TaskerProblem, match="slow") as refused:
        await asyncio.to_thread(_spend, tasker.url, slow["key"])
    assert refused.value.status == 429
    await tasker("tasks", "list", code=1)
    assert "slow" in tasker.errors

    tasker.use(operator["key"])
    await tasker("--actor", "ann", "tasks", "create", "a", "--manual")
    assert "deployer: ann" in await tasker("history", "a")
    await tasker("dead-letters", "list", code=1)
    assert "takes the role admin" in tasker.errors

    file = ("--file", str(tasker.keys))
    await tasker("keys", "revoke", viewer["id"], *file, "--yes")
    await tasker("keys", "revoke", viewer["id"], *file, "--yes", code=3)
    assert "`tasker keys list` shows the ids" in tasker.errors
    listed = await tasker("keys", "list", *file)
    assert "deployer" in listed
    assert "reader" not in listed

    async def revoked() -> bool:
        tasker.use(viewer["key"])
        try:
            await tasker("tasks", "list", code=1)
        except AssertionError:
            return False
        return "give a key" in tasker.errors

    await eventually(revoked, "the revoked key is refused")
    tasker.use(operator["key"])
    return operator["key"]


def _spend(url: str, key: str) -> None:
    """Ask until the key may ask no more."""
    with Client(url, key=key, policy=RequestPolicy(retries=0)) as client:
        for _ in range(100):
            list(client.tasks.list())


async def _many_tasks(tasker: Terminal, folder: Path) -> None:
    crontab = folder / "jobs.crontab"
    crontab.write_text(CRONTAB)
    planned = await tasker("import", str(crontab), "--tag", "jobs", "--dry-run")
    assert planned.splitlines()[-1] == "2 create"
    imported = await tasker.json("import", str(crontab), "--tag", "jobs", "--yes")
    assert (imported["kind"], imported["accepted"], imported["actor"]) == ("import", 2, "deployer")
    assert "nothing to do" in (await tasker("import", str(crontab), "--tag", "jobs", "--yes")) + tasker.errors

    exported = folder / "tasks.yaml"
    await tasker("export", "--tag", "jobs", "-o", str(exported))
    assert (await tasker("import", str(exported), "--dry-run")).splitlines()[-1] == "2 same"

    assert (await tasker("bulk", "pause", "--tag", "jobs", "--dry-run")).startswith("pause: 2 tasks")
    paused = await tasker.json("bulk", "pause", "--tag", "jobs", "--note", "quarter's end", "--yes")
    assert paused["accepted"] == 2
    assert paused["id"] in await tasker("change-sets", "list")
    undone = await tasker.json("undo", paused["id"], "--yes")
    assert (undone["undoes"], undone["accepted"]) == (paused["id"], 2)
    await tasker("undo", paused["id"], "--yes", code=1)
    assert "undone by" in tasker.errors
    await tasker("undo", "nothing", "--yes", code=3)
    exported.write_text(exported.read_text().replace("Europe/Berlin", "Europe/Nowhere"))
    await tasker("import", str(exported), "--yes", code=1)
    assert "nothing is imported" in tasker.errors


def _client(url: str, key: str, folder: Path) -> None:
    """A file that is sent as it is read, and its plan entry by entry."""
    file = folder / "many.ndjson"
    with file.open("w") as written:
        for number in range(1_500):
            written.write(json.dumps({"id": f"m{number}", "schedule": {"manual": True}}) + "\n")
    with Client(url, key=key) as client:
        plan = client.imports.plan(file, "ndjson")
        entries = list(client.imports.plan_entries(file, "ndjson"))
        assert (len(plan["items"]), len(entries)) == (1_000, 1_501)
        assert entries[-1] == plan | {"items": []}
        begun = client.imports.apply(file, "ndjson", plan["plan"], note="many")
        for found in client.change_sets.follow(begun["id"]):
            begun = found
        assert (begun["state"], begun["accepted"]) == ("done", 1_500)
        task = client.tasks.patch("m1", {"name": "One"}, key="once")
        assert client.tasks.patch("m1", {"name": "One"}, key="once")["version"] == task["version"]
