"""Plug-ins in the real executor: found, run in each mode, stopped, and broken ones that harm nobody."""

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tasker import Failed, Run, handler
from tasker.handler_declaration import as_handler
from tasker.process_pool import ProcessPool
from tasker_core.messages.runs import Policy, RetryPolicy
from tasker_devstack.polling import pause
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.adapter import install_plugins
from tasker_executor.handlers.plugins.handler_logs import forward_handler_logs
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.handlers.plugins.loader import GROUP, LoadedPlugins, load_plugins
from tasker_executor.testing.executor_harness import CLOCK, ExecutorHarness
from tasker_runtime.health import Health

MODULE = """
from tasker import handler

async def good(run):
    \"\"\"Is good.\"\"\"
    return run.payload

@handler(mode="process")
def spin(run):
    run.progress(0.25, "spinning")
    while True:
        pass

@handler(payload={"default": object()})
async def odd(run):
    pass

no_handler = 3
"""


@pytest.fixture
def modules(tmp_path: Path) -> Iterator[None]:
    """Modules that entry points can name."""
    (tmp_path / "plugin_good.py").write_text(MODULE)
    (tmp_path / "plugin_bad.py").write_text("raise RuntimeError('not on this machine')")
    (tmp_path / "plugin_exit.py").write_text("raise SystemExit(3)")
    sys.path.insert(0, str(tmp_path))
    yield
    sys.path.remove(str(tmp_path))
    sys.modules.pop("plugin_good", None)


def points(**named: str) -> list[EntryPoint]:
    return [EntryPoint(name.replace("_", "-"), value, GROUP) for name, value in named.items()]


@pytest.mark.usefixtures("modules")
def test_what_can_be_loaded_is_and_the_rest_says_why_it_cannot() -> None:
    wrong = {
        "bad": "plugin_bad:handle",
        "gone": "plugin_gone:handle",
        "exit": "plugin_exit:handle",
        "other": "plugin_good:no_handler",
        "odd": "plugin_good:odd",
        "missing": "plugin_good:missing",
        "curl": "plugin_good:good",
    }
    twice = points(twice="plugin_good:good") * 2
    found = load_plugins(
        [*points(good="plugin_good:good", spin="plugin_good:spin", **wrong), *twice, *points(a__b="x:y")]
    )
    assert {name: one.import_path for name, one in found.handlers.items()} == {
        "good": "plugin_good:good",
        "spin": "plugin_good:spin",
    }
    assert found.broken.keys() == wrong.keys() | {"twice", "a--b"}
    assert found.broken["bad"] == "RuntimeError: not on this machine"
    assert found.broken["odd"] == "TypeError: Encoding objects of type object is unsupported"
    assert "2 loaded; " in found.summary()


class Installation:
    """Plug-ins among the handlers of an executor."""

    def __init__(self, harness: ExecutorHarness) -> None:
        self.harness, self.processes, self.lingering_threads = harness, ProcessPool(2), LingeringThreads()
        self.handlers = LocalHandlers(quick={"default": lambda _: None})

    def add(self, **handlers: Any) -> None:
        self.install(LoadedPlugins({name: as_handler(one) for name, one in handlers.items()}))

    def install(self, plugins: LoadedPlugins) -> None:
        install_plugins(plugins, self.handlers, self.processes, self.lingering_threads, CLOCK, self.harness.log)

    def executor(self, **settings: Any) -> AbstractAsyncContextManager[Health]:
        return self.harness.executor(self.handlers, lingering_threads=self.lingering_threads, **settings)

    async def ended(self, name: str, payload: object = None, **more: Any) -> Any:
        run = await self.harness.send(name, payload, **more)
        await self.harness.all_finished([run])
        return self.harness.finished()[run.run_id]


@pytest_asyncio.fixture(loop_scope="session")
async def installation(harness: ExecutorHarness) -> Any:
    installed = Installation(harness)
    yield installed
    await installed.processes.close()


async def test_a_plug_in_gets_the_run_and_its_result_is_logged(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Run[Any]] = []

    async def echo(run: Run[Any]) -> object:
        seen.append(run)
        run.logger.warning("echoing %s", run.payload)
        return {"back": run.payload}

    async def fails(_: Run[Any]) -> object:
        raise Failed("no_luck", "it was not to be", retry=False, result={"kept": 1})

    installation.add(echo=echo, fails=fails)
    forward_handler_logs(installation.harness.log)
    async with installation.executor():
        end = await installation.ended("echo", {"a": [1]}, policy=Policy("PT20S"), attempt=2, kind="manual")
        failed = await installation.ended("fails", policy=Policy("PT20S", retry=RetryPolicy(max_attempts=5)))
    assert (end.outcome, bytes(end.result)) == ("succeeded", b'{"back":{"a":[1]}}')
    (run,) = seen
    assert (run.task_id, run.run_id, run.kind, run.attempt) == (end.task_id, end.run_id, "manual", 2)
    assert run.nominal_at.isoformat(timespec="milliseconds").replace("+00:00", "Z") == end.nominal_at
    assert run.timeout.total_seconds() == 20
    assert 0 < (run.deadline - run.nominal_at).total_seconds() < 40
    assert (failed.error.kind, failed.retry_at, bytes(failed.result)) == ("no_luck", None, b'{"kept":1}')
    out = capsys.readouterr().out
    assert "echoing {'a': [1]}" in out
    assert f"run_id={run.run_id}" in out


async def test_a_thread_that_hangs_is_reported_at_once_and_keeps_its_slot_until_it_ends(
    installation: Installation,
) -> None:
    release, started = threading.Event(), list[str]()

    @handler(mode="thread")
    def hangs(run: Run[Any]) -> None:
        run.progress(0.5, "half")
        while not release.is_set():
            pause()

    async def next_one(run: Run[Any]) -> None:
        started.append(run.run_id)

    installation.add(hangs=hangs, next=next_one)
    harness = installation.harness
    async with installation.executor(executor_concurrency=1):
        late = await installation.ended("hangs", policy=Policy("PT0.2S"))
        assert (late.error.kind, msgspec.json.decode(late.result)) == (
            "timeout",
            {"progress": {"done": 0.5, "message": "half"}},
        )
        waiting = await harness.send("next")
        await installation.ended("default")
        assert started == []
        release.set()
        await harness.all_finished([waiting])
    assert started == [waiting.run_id]


@pytest.mark.usefixtures("modules")
async def test_a_process_is_killed_when_its_time_is_over_and_when_it_is_cancelled(installation: Installation) -> None:
    found = load_plugins(points(spin="plugin_good:spin"))
    harness = installation.harness
    installation.install(found)
    async with installation.executor():
        late = await installation.ended("spin", policy=Policy("PT3S"))
        assert (late.error.kind, msgspec.json.decode(late.result)["progress"]["message"]) == ("timeout", "spinning")
        run = await harness.send("spin", policy=Policy("PT1H"))
        await harness.until(lambda: any(one.run_id == run.run_id for one in harness.results), "it executes")
        await harness.send_raw(msgspec.json.encode({"type": "cancel", "task_id": run.task_id}), run.task_id)
        await harness.all_finished([run])
        assert harness.finished()[run.run_id].outcome == "cancelled"


async def test_a_broken_plug_in_fails_its_runs_and_nothing_else(installation: Installation) -> None:
    installation.install(LoadedPlugins({}, {"broken": "ImportError: no"}))
    async with installation.executor():
        end = await installation.ended("broken")
        assert (end.error.kind, (await installation.ended("default")).outcome) == ("plugin_broken", "succeeded")
    assert "ImportError: no" in end.error.message
