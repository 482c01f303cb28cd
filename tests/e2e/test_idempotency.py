"""The same request at the same time at two API processes, under one Idempotency-Key: done once, one answer for all."""

import asyncio
from typing import Any

import httpx

from tasker_devstack.isolated_system import System
from tasker_devstack.polling import eventually
from tasker_devstack.processes.ports import free_port

Json = dict[str, Any]
HOURLY = {"schedule": {"every": "PT1H"}}
AT_ONCE = 6
REQUESTS: list[tuple[str, str, Json | None, int]] = [
    ("POST", "/tasks", HOURLY | {"id": "a"}, 201),
    ("PATCH", "/tasks/a", {"name": "Patched", "payload": {"n": 1}}, 200),
    ("PUT", "/tasks/a", HOURLY | {"name": "Put"}, 200),
    ("POST", "/tasks/a/pause", {"note": "lunch"}, 200),
    ("POST", "/tasks/a/trigger", {"payload": 1}, 200),
    ("POST", "/tasks/a/resume", None, 200),
    ("DELETE", "/tasks/a", None, 204),
]


async def test_a_request_is_carried_out_once(system: System) -> None:
    port = free_port()
    second = system.extra_process("api", {"TASKER_API_PORT": str(port)})
    await second.start()
    other = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10)
    try:
        async with system.client() as one, other as two:

            async def is_there() -> bool:
                try:
                    return (await two.get("/tasks")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(is_there, "the second API process")
            await _all_at_once((one, two))
            assert [run["task_id"] for run in await system.emitted_runs()] == ["a"]
    finally:
        await second.stop()


async def _all_at_once(clients: tuple[httpx.AsyncClient, httpx.AsyncClient]) -> None:
    async def ask(number: int, request: tuple[str, str, Json | None, int]) -> httpx.Response:
        method, path, body, _ = request
        return await clients[number % 2].request(
            method, path, json=body, headers={"Idempotency-Key": f"{method}{path}"}
        )

    answers = dict[str, httpx.Response]()
    for request in REQUESTS:
        found = await asyncio.gather(*(ask(number, request) for number in range(AT_ONCE)))
        assert {one.status_code for one in found} == {request[3]}, [one.text for one in found]
        assert len({one.content for one in found}) == 1
        answers[request[1]] = found[0]
    history = (await clients[1].get("/tasks/a/history")).json()["items"]
    assert [one["kind"] for one in history] == ["deleted", "resumed", "paused", "edited", "edited", "created"]

    # The task is deleted, and each is known still: at both processes, one after the other.
    for number in range(2):
        for request in REQUESTS:
            again = await ask(number, request)
            assert again.status_code == request[3], (request, again.text)
        assert (await ask(number, REQUESTS[4])).content == answers["/tasks/a/trigger"].content
    assert (await clients[0].get("/tasks/a")).status_code == 404
