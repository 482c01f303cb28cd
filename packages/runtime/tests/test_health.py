"""Checks of a service, and what is answered on its health port."""

import asyncio
import os
import re
import sys
import time

import httpx
import pytest

from tasker_devstack.processes.ports import free_port
from tasker_runtime.health import Health, HealthServer


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms


def test_ready_only_while_every_check_holds() -> None:
    health = Health(SetClock(0))
    health.expect("kafka")
    health.expect("mongodb")
    assert health.report() == (True, False, {"kafka": "not started", "mongodb": "not started"})
    health.ok("kafka")
    health.ok("mongodb", "primary")
    assert health.report() == (True, True, {"kafka": "ok", "mongodb": "primary"})
    health.fail("kafka", "no answer: is it up?")
    assert health.report() == (True, False, {"kafka": "no answer: is it up?", "mongodb": "primary"})


def test_a_check_that_does_not_gate_is_red_while_the_service_is_ready() -> None:
    health = Health(SetClock(0))
    health.expect("kafka")
    health.expect("keys", every_ms=500, gates=False)
    health.ok("kafka")
    health.fail("keys", "the file is no JSON")
    assert health.report() == (True, True, {"kafka": "ok", "keys": "the file is no JSON"})
    assert health.holding() == {"kafka": True, "keys": False}


def test_a_check_that_gates_the_start_alone_is_red_later_while_the_service_stays_ready() -> None:
    clock = SetClock(0)
    health = Health(clock)
    health.expect("kafka", every_ms=500, gates="start")
    health.fail("kafka", "no answer")
    assert health.report() == (True, False, {"kafka": "no answer"})
    health.ok("kafka")
    health.fail("kafka", "no answer again")
    assert health.report() == (True, True, {"kafka": "no answer again"})
    assert health.holding() == {"kafka": False}
    clock.ms += 501
    assert health.report() == (False, False, {"kafka": "silent for too long"})


def test_a_service_that_has_no_checks_yet_is_not_ready() -> None:
    assert Health(SetClock(0)).report() == (True, False, {})


def test_a_loop_that_reports_failures_or_only_beats_lives() -> None:
    clock = SetClock(0)
    health = Health(clock)
    health.expect("loop", every_ms=500)
    health.ok("loop")
    for _ in range(3):
        clock.ms += 500
        health.beat("loop")
    assert health.report() == (True, True, {"loop": "ok"})
    for _ in range(3):
        clock.ms += 500
        health.fail("loop", "Kafka is away")
    assert health.report() == (True, False, {"loop": "Kafka is away"})


def test_a_silent_loop_is_neither_live_nor_ready() -> None:
    clock = SetClock(1_000)
    health = Health(clock)
    health.expect("loop", every_ms=500)
    health.ok("loop")
    clock.ms += 500
    assert health.report().live
    clock.ms += 1
    assert health.report() == (False, False, {"loop": "silent for too long"})
    assert health.holding() == {"loop": False}
    health.ok("loop")
    assert health.report().ready
    assert health.holding() == {"loop": True}


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_makes_no_loop_silent_and_hides_none(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    health = Health()
    health.expect("loop", every_ms=60_000)
    health.ok("loop")
    wall, monotonic = time.time_ns, time.monotonic_ns  # noqa: TID251 -- it is the clock that is set here
    monkeypatch.setattr(time, "time_ns", lambda: wall() + hours * 3_600_000_000_000)
    assert health.report().live
    monkeypatch.setattr(time, "monotonic_ns", lambda: monotonic() + 61_000_000_000)
    assert not health.report().live


async def test_the_server_answers_with_the_checks_and_the_metrics() -> None:
    port = free_port()
    health = Health(SetClock(0))
    health.expect("loop", every_ms=500)
    server = HealthServer(health, "127.0.0.1", port)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            live, ready = await http.get("/healthz"), await http.get("/readyz")
            assert (live.status_code, live.json()) == (200, {"status": "ok", "checks": {"loop": "not started"}})
            assert (ready.status_code, ready.json()["status"]) == (503, "failing")
            health.ok("loop")
            assert (await http.get("/readyz")).status_code == 200
            metrics = await http.get("/metrics")
            assert metrics.headers["Content-Type"].startswith("text/plain")
            assert re.search(r"^process_cpu_seconds_total ", metrics.text, re.M)
            assert 'tasker_health_check{check="loop"} 1.0' in metrics.text
    finally:
        await server.stop()


async def test_a_taken_port_is_an_error() -> None:
    port = free_port()
    first, second = (HealthServer(Health(SetClock(0)), "127.0.0.1", port) for _ in range(2))
    await first.start()
    try:
        with pytest.raises(OSError, match=str(port)):
            await second.start()
    finally:
        await second.stop()
        await first.stop()


async def test_the_check_of_a_container_says_whether_the_service_is_ready() -> None:
    port = free_port()

    async def check() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tasker_runtime.health_check",
            env=os.environ | {"TASKER_METRICS_PORT": str(port)},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(process.communicate(), 20)
        return process.returncode, said.decode()

    status, said = await check()
    assert (status, "no answer" in said) == (1, True)
    health = Health(SetClock(0))
    health.expect("kafka")
    server = HealthServer(health, "127.0.0.1", port)
    await server.start()
    try:
        status, said = await check()
        assert (status, "not started" in said) == (1, True)
        health.ok("kafka")
        assert await check() == (0, "")
    finally:
        await server.stop()
