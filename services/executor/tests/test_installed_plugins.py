"""Plug-ins that are installed, in executors that are processes of their own."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tasker_core.messages.runs import Run
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.testing.executor_harness import ExecutorHarness, ended

MODULE = """
import asyncio, os
from tasker import handler

async def stubborn(run):
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            run.logger.info("not me")

@handler(mode="process")
def environment(run):
    return dict(os.environ)
"""
POINTS = """[tasker.handlers]
stubborn = installed_handlers:stubborn
environment = installed_handlers:environment
"""


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """Where a package is installed that brings handlers."""
    (tmp_path / "installed_handlers.py").write_text(MODULE)
    about = tmp_path / "installed_handlers-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-handlers\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    return str(tmp_path)


class GivesUp:
    """A handler that makes a failure of its own of a cancellation."""

    def __init__(self) -> None:
        self.opened, self.started = asyncio.Event(), list[str]()
        self.handlers = LocalHandlers(slow={"stubborn": self.gives_up})

    async def gives_up(self, run: Run) -> object:
        self.started.append(run.run_id)
        try:
            return await self.opened.wait()
        except asyncio.CancelledError:
            raise ConnectionError("interrupted") from None


async def test_a_stop_does_not_wait_for_what_ignores_cancellation_and_reports_nothing_of_it(
    harness: ExecutorHarness, installed: str
) -> None:
    async with harness.process(TASKER_DRAIN_SECONDS="1", PYTHONPATH=installed) as first:
        run = await harness.send("stubborn")
        await harness.until(lambda: harness.results, "it executes")
        first.terminate()
        await ended(first)
    other = GivesUp()
    async with harness.executor(other.handlers, drain_seconds=0.5):
        await harness.until(lambda: other.started == [run.run_id], "the next one has started it")
    assert harness.ends() == {}
    other.opened.set()
    async with harness.executor(other.handlers):
        await harness.all_finished([run])
    assert harness.finished()[run.run_id].outcome == "succeeded"


async def test_a_plug_in_in_a_process_sees_no_secret_and_no_setting_of_the_executor(
    harness: ExecutorHarness, installed: str
) -> None:
    hidden = {
        "TASKER_SECRET_HUSH": "hush-hush",
        "TASKER_API_KEYS": "hush-hush",
        "MONGODB_URL": "mongodb://me:hush-hush@127.0.0.1/tasker",
    }
    async with harness.process(PYTHONPATH=installed, REPORTS_FOLDER="/reports", **hidden):
        run = await harness.send("environment")
        await harness.all_finished([run])
    seen: dict[str, str] = msgspec.json.decode(harness.finished()[run.run_id].result)
    assert seen["REPORTS_FOLDER"] == "/reports"
    assert "PATH" in seen
    assert "hush-hush" not in str(seen)
    assert not any(name.startswith("TASKER_") for name in seen)
