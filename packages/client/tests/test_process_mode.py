"""Handlers in processes: kept, killed, and what becomes of those that hang, die, print or exit."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasker.process_pool import ProcessPool
from tasker.testing import attempt
from tasker_devstack.polling import eventually

LONGER = timedelta(seconds=3)
IN_PROCESSES = """
import os, subprocess, sys
from tasker import Failed, handler

@handler(mode="process", payload={"type": "integer"})
def double(run):
    print("to the standard output, which is not the channel")
    run.logger.warning("doubling %s", run.payload)
    run.progress(0.5, "half")
    return {"pid": os.getpid(), "double": 2 * run.payload, "run": run.run_id, "at": run.nominal_at.isoformat()}

@handler(mode="process")
def hang(run):
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    run.progress(0.5, f"{os.getpid()} {child.pid}")
    while True:
        pass

@handler(mode="process")
def die(run):
    os.kill(os.getpid(), 9)

@handler(mode="process")
def leave(run):
    sys.exit(3)

@handler(mode="process")
def fail(run):
    raise Failed("no_luck", "it was not to be", retry=False, result={"kept": 1})

@handler(mode="process")
def blunder(run):
    return 1 // 0

@handler(mode="process")
def odd(run):
    return object()

@handler(mode="process")
def much(run):
    return "x" * (8 * 1024 * 1024)

@handler(mode="process")
def talk(run):
    run.logger.info("x" * (8 * 1024 * 1024))

@handler(mode="process")
def say_wrong(run):
    run.logger.info("%d pages", "three")
    run.logger.info("half \\ud800")
    run.progress(0.5, "half \\ud800")
    return 3

@handler(mode="process")
def fail_by_halves(run):
    raise ValueError("half \\ud800")

@handler(mode="process")
def number(run):
    return os.getpid()

@handler(mode="process")
def other_number(run):
    return os.getpid()
"""


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A module of handlers that another process can import."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "heavy_handlers.py").write_text(IN_PROCESSES)
    sys.path.insert(0, str(folder))
    import heavy_handlers  # pyright: ignore[reportMissingImports] -- made above

    yield heavy_handlers
    sys.path.remove(str(folder))


async def test_a_process_tells_all_and_its_printing_harms_nobody(heavy: Any) -> None:
    outcome = await attempt(heavy.double, 21)
    assert isinstance(outcome.result, dict)
    assert (outcome.result["double"], outcome.result["run"]) == (42, "0123456789abcdef0123456789abcdef")
    assert outcome.result["at"] == "2026-01-01T12:00:00+00:00"
    assert outcome.result["pid"] != os.getpid()
    assert (outcome.progress, outcome.lines) == ([(0.5, "half")], ["doubling 21"])


@pytest.mark.parametrize(
    ("name", "kind", "message", "retry"),
    [
        ("die", "process_died", "was ended by SIGKILL", True),
        ("leave", "error", "SystemExit: 3", True),
        ("fail", "no_luck", "it was not to be", False),
        ("blunder", "error", "ZeroDivisionError", True),
        ("odd", "result_not_json", "is no JSON", False),
        ("much", "result_too_large", "at most 512 KiB fit; return a reference", False),
        ("talk", "message_too_large", "a line of its log", False),
    ],
)
async def test_each_end_of_a_process_is_told(heavy: Any, name: str, kind: str, message: str, retry: bool) -> None:
    outcome = await attempt(getattr(heavy, name))
    assert (outcome.outcome, outcome.kind, outcome.retry) == ("failed", kind, retry)
    assert message in outcome.message
    assert (outcome.result == {"kept": 1}) == (name == "fail")
    assert any("ZeroDivisionError" in line for line in outcome.lines) == (name == "blunder")


async def test_a_line_that_cannot_be_written_ends_no_run(heavy: Any) -> None:
    outcome = await attempt(heavy.say_wrong)
    assert (outcome.outcome, outcome.result) == ("succeeded", 3)
    assert (outcome.lines, outcome.progress) == (["half ?"], [(0.5, "half ?")])


async def test_an_error_that_json_cannot_hold_is_told_all_the_same(heavy: Any) -> None:
    outcome = await attempt(heavy.fail_by_halves)
    assert (outcome.kind, outcome.message) == ("error", "ValueError: half ?")


async def test_a_process_that_hangs_is_killed_with_all_it_started(heavy: Any) -> None:
    outcome = await attempt(heavy.hang, limit=LONGER)
    assert (outcome.outcome, outcome.kind) == ("failed", "timeout")
    ((_, pids),) = outcome.progress

    async def gone() -> bool:
        return not any(_runs(int(pid)) for pid in pids.split())

    await eventually(gone, f"the processes {pids} are gone")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
async def pool(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProcessPool]:
    """One process at most, for all attempts of a test."""
    kept = ProcessPool(1)

    def keep(_most: int) -> ProcessPool:
        return kept

    with monkeypatch.context() as patch:
        patch.setattr("tasker.testing.ProcessPool", keep)
        patch.setattr(kept, "close", lambda: asyncio.sleep(0))
        yield kept
    await kept.close()


async def test_a_process_is_used_again_for_the_same_handler(heavy: Any, pool: ProcessPool) -> None:
    first, second = [(await attempt(heavy.double, n)).result for n in (1, 2)]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["pid"], second["double"]) == (second["pid"], 4)
    await ProcessPool.close(pool)
    pid = first["pid"]
    assert isinstance(pid, int)
    assert not psutil.pid_exists(pid)


def kill_unnoticed(pid: int) -> None:
    """Kill a child, and come back when it has ended: without a turn of the loop, so that asyncio can't know yet."""
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # asyncio's own thread was first
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.usefixtures("pool")
async def test_an_idle_process_that_was_killed_or_is_of_another_handler_makes_room(heavy: Any) -> None:
    killed = (await attempt(heavy.number)).result
    assert isinstance(killed, int)
    kill_unnoticed(killed)
    again, next_one = [(await attempt(heavy.number)).result for _ in range(2)]
    assert killed != again == next_one
    first, second = [(await attempt(heavy.other_number)).result for _ in range(2)]
    assert again != first == second
    assert isinstance(again, int)
    assert not psutil.pid_exists(again)


async def test_a_process_ends_with_its_parent(heavy: Any, tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; sys.path[:] = {path!r}\n"
        "from tasker.testing import attempt\n"
        "import heavy_handlers\n"
        "asyncio.run(attempt(heavy_handlers.hang, on_progress=lambda _, pids: print(pids, flush=True)))\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script.format(path=sys.path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    worker, other = map(int, (await parent.stdout.readline()).split())
    parent.kill()
    await parent.wait()

    async def gone() -> bool:
        return not _runs(worker)

    await eventually(gone, "the worker is gone")
    os.kill(other, signal.SIGKILL)  # nobody could stop it: that is left to its handler
