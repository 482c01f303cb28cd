"""What ends is started again, also when starting it fails in between."""

import asyncio
import os
import signal
import sys

from tasker_devstack.errors import DevstackError
from tasker_devstack.polling import eventually
from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.supervision.restart_loop import restart_whenever_ended

FOREVER = "import signal; print('up', flush=True); signal.pause()"


async def test_a_killed_process_is_up_again_and_again() -> None:
    child = ChildProcess("kept", [sys.executable, "-c", FOREVER])
    await child.start()
    restarts = asyncio.create_task(restart_whenever_ended("kept", child.start, child.wait, first_delay=0.01))
    seen = set[int]()
    for ups in (1, 2, 3):

        async def up(ups: int = ups) -> bool:
            return len(child.tail) == ups

        await eventually(up, "the next process")
        seen.add(child.pid)
        os.kill(child.pid, signal.SIGKILL)
    restarts.cancel()
    await child.kill()
    assert len(seen) == 3


async def test_a_start_that_fails_is_repeated() -> None:
    ends, starts = asyncio.Queue[int](), list[Exception | None]()
    failures: list[Exception | None] = [DevstackError("no port"), OSError("no memory"), None]

    async def start() -> None:
        failure = failures[len(starts)]
        starts.append(failure)
        if failure:
            ends.put_nowait(1)
            raise failure

    ends.put_nowait(-9)
    restarts = asyncio.create_task(restart_whenever_ended("kept", start, ends.get, first_delay=0.01))

    async def enough() -> bool:
        return len(starts) == 3

    await eventually(enough, "three starts")
    assert not restarts.done()
    restarts.cancel()
