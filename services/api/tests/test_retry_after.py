"""Each 503 and 429 says when to ask again: all routes without backends, and the limits of one process."""

import asyncio
from typing import Any

import httpx
import pytest

from tasker_api.problems import Problem
from tasker_api.testing.running_api import RunningApi

EXAMPLES = {"run_id": "0" * 32, "version": "1", "partition": "0", "offset": "0", "task_id": "a", "name": "a"}
QUERIES: dict[str, dict[str, str]] = {
    "/occurrences": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
    "/imports": {"mode": "plan"},
    "/recent-runs": {"task_id": "a"},
}
BODIES: dict[str, Any] = {
    "/bulk-actions": {"action": "pause", "filter": {}, "all": True},
    "/tasks/{task_id}/backfills": {"times": ["2026-01-01T00:00:00Z"]},
    "/tasks/{task_id}/revert": {"version": 1},
    "/calendars/{name}": {"days": ["2026-01-01"]},
    "/calendars/{name}/diff": {"days": ["2026-01-01"]},
    "/imports": [{"id": "a", "schedule": {"every": "PT1H"}}],
    "/dead-letters/redrive": {"ids": ["0-0"]},
}
BODILESS = ("cancel", "pause", "resume", "trigger", "rerun", "redrive", "undo")
NEEDS_NONE = {"/schedules/preview", "/schedules/diff", "/session", "/keys", "/system"}


async def test_every_route_without_backends(alone: RunningApi, lone_client: httpx.AsyncClient) -> None:
    operations = [
        (method, path)
        for path, methods in alone.app.openapi()["paths"].items()
        for method in methods
        if not path.endswith(("/stream", "/callbacks/{token}"))
    ]
    answers = await asyncio.gather(*(_ask(lone_client, method, path) for method, path in operations))
    told = dict(zip(operations, answers, strict=True))
    away = {path for (_, path), answer in told.items() if answer.status_code == 503}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers if answer.status_code == 503)
    assert {path for _, path in operations} - away == {f"/api/v1{path}" for path in NEEDS_NONE}
    assert 500 not in {answer.status_code for answer in answers}


async def _ask(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    filled = path.removeprefix("/api/v1").format_map(_Named(EXAMPLES))
    short = path.removeprefix("/api/v1")
    body = BODIES.get(short, {"schedule": {"every": "PT1H"}}) if method in ("post", "put", "patch") else None
    if short.endswith(BODILESS) and short not in BODIES:
        body = None
    return await client.request(method.upper(), filled, params=QUERIES.get(short), json=body)


class _Named(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name


@pytest.mark.parametrize(("headers", "seconds"), [({}, "10"), ({"Retry-After": "2"}, "2")])
def test_a_problem_that_passes_says_when(headers: dict[str, str], seconds: str) -> None:
    for status in (429, 503):
        assert Problem(status, "later", headers=headers).response().headers["Retry-After"] == seconds
    assert "Retry-After" not in Problem(409, "no").response().headers
