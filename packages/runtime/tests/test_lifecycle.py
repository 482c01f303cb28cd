"""The life of a service process: real processes that are given real signals."""

import asyncio
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasker_runtime.lifecycle import ServiceLoop

SERVICE = """
import asyncio, sys
from tasker_runtime.lifecycle import exit_within, run_service, run_until_signal
from tasker_runtime.logs import configure

async def run(stopping):
    print("running", flush=True)
    if sys.argv[1] == "fails":
        raise RuntimeError("broken")
    await stopping.wait()
    if sys.argv[1] == "hangs":
        exit_within(0.2)
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass
    print("drained", flush=True)

run_service("test", lambda: run_until_signal(configure("test", "console"), run))
"""


LOOK_UPS = 20


def test_names_that_do_not_answer_hold_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a thread of the default executor for each, as with asyncio's own event loop."""
    all_at_once = threading.Barrier(LOOK_UPS)

    def resolve(*_: object) -> list[object]:
        all_at_once.wait(20)  # each returns when all have come here
        return []

    async def look_up() -> Sequence[Sequence[object]]:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(LOOK_UPS))
        return await asyncio.gather(*(loop.getaddrinfo(f"host{n}.invalid", 80) for n in range(LOOK_UPS)))

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    with asyncio.Runner(loop_factory=ServiceLoop) as runner:
        assert runner.run(look_up()) == [[]] * LOOK_UPS


async def started(how: str) -> Process:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVICE, how, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    while (line := await asyncio.wait_for(process.stdout.readline(), 20)) and b"running" not in line:
        pass
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_the_service_which_drains_and_ends_well(number: signal.Signals) -> None:
    process = await started("drains")
    process.send_signal(number)
    out, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    assert b"drained" in out
    assert b"stopped" in out


async def test_an_error_of_the_service_ends_the_process() -> None:
    process = await started("fails")
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert b"RuntimeError: broken" in errors


async def test_what_hears_no_cancellation_is_ended_all_the_same() -> None:
    process = await started("hangs")
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1


@pytest.mark.parametrize("service", ["api", "executor", "log-sink", "ticker"])
async def test_wrong_settings_end_a_service_with_one_message(service: str) -> None:
    module = f"tasker_{service.replace('-', '_')}.main"
    wrong = os.environ | {"TASKER_METRICS_HOST": "0.0.0.0"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, env=wrong, stdout=PIPE, stderr=PIPE)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert said.decode().startswith(f"{service}: ")
    assert "TASKER_ALLOW_OPEN" in said.decode()
    assert "Traceback" not in said.decode()


async def test_a_file_of_keys_that_is_not_there_ends_the_api_with_one_message() -> None:
    wrong = os.environ | {"TASKER_API_KEYS_FILE": "/nowhere/keys.json"}
    command = (sys.executable, "-m", "tasker_api.main")
    process = await asyncio.create_subprocess_exec(*command, env=wrong, stdout=PIPE, stderr=PIPE)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert said.decode().startswith("api: the API keys in /nowhere/keys.json")
    assert "Traceback" not in said.decode()
