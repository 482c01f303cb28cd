"""ChildProcess processes: they end with us, however we end, and with all that they started."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess

FOREVER = "import signal; print('up', flush=True); signal.pause()"
PARENT = f"""
import asyncio, sys
from tasker_devstack.processes.child_process import ChildProcess

async def main():
    child = ChildProcess("child", [sys.executable, "-c", {FOREVER!r}])
    await child.start()
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


async def ended(pid: int) -> None:
    """Wait until a process has ended (it may be a zombie)."""

    async def look() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await eventually(look, f"the end of process {pid}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_child_dies_with_its_parent(number: signal.Signals) -> None:
    parent = ChildProcess("parent", [sys.executable, "-c", PARENT])
    await parent.start()

    async def started() -> int | None:
        return int(parent.tail[0]) if parent.tail else None

    pid = await eventually(started, "the pid of the child")
    os.kill(parent.pid, number)
    await ended(pid)
    await parent.wait()


async def test_what_does_not_end_gracefully_is_killed_with_all_it_started() -> None:
    script = f'trap "" TERM; {sys.executable} -c "{FOREVER}" & echo $!; wait; wait; wait'
    child = ChildProcess("stubborn", ["bash", "-c", script])
    await child.start()

    async def started() -> bool:
        return len(child.tail) == 2

    await eventually(started, "both processes up")
    grandchild = next(int(line) for line in child.tail if line.isdecimal())
    await child.stop(0.2)
    assert not child.running
    await ended(grandchild)


async def test_a_line_of_any_length_does_not_end_the_reading() -> None:
    lines: list[str] = []
    child = ChildProcess("long", [sys.executable, "-c", "print('x' * 3_000_000); print('after')"], on_line=lines.append)
    await child.start()
    assert await child.wait() == 0
    assert lines[-1] == "after"


async def test_a_child_can_be_started_again(tmp_path: Path) -> None:
    child = ChildProcess("again", ["bash", "-c", f"echo once >> {tmp_path}/runs"])
    for _ in range(2):
        await child.start()
        assert await child.wait() == 0
    assert (tmp_path / "runs").read_text() == "once\nonce\n"


async def test_stopping_what_has_ended_is_harmless() -> None:
    child = ChildProcess("brief", ["true"])
    await child.stop()
    await child.start()
    await asyncio.gather(child.wait(), child.stop(), child.kill())
    child.send(signal.SIGKILL)
