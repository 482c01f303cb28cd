"""What is counted of requests: by route templates, whatever is asked."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
import pytest_asyncio
from starlette.types import Receive, Scope, Send

from tasker_api.middleware.request_metrics import RequestMetrics
from tasker_api.testing.running_api import RunningApi
from tasker_runtime.metrics.definitions import REGISTRY


@pytest_asyncio.fixture
async def unstarted() -> AsyncIterator[RunningApi]:
    """An API without backends, just made: the loops that it does not run are not silent for too long yet."""
    running = RunningApi("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none")
    yield running
    await running.close()


def total(name: str, labels: Mapping[str, str]) -> float:
    return REGISTRY.get_sample_value(name, dict(labels)) or 0


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("POST", "/api/v1/schedules/preview", {}, ("POST", "/api/v1/schedules/preview", "422")),
        ("PUT", "/api/v1/tasks/no%20id", {}, ("PUT", "/api/v1/tasks/{task_id}", "422")),
        ("GET", "/api/v1/nothing/here-1234", {}, ("GET", "other", "404")),
        ("BREW", "/api/v1/tasks", {}, ("other", "/api/v1/tasks", "405")),
        ("GET", "/healthz", {}, ("GET", "/healthz", "200")),
        ("GET", "/healthz", {"host": "evil.example.com"}, ("GET", "other", "421")),
    ],
)
async def test_requests_are_counted_by_template(
    unstarted: RunningApi, method: str, path: str, headers: dict[str, str], expected: tuple[str, str, str]
) -> None:
    labels: dict[str, str] = dict(zip(("method", "route", "status"), expected, strict=True))
    timed: dict[str, str] = {name: labels[name] for name in ("method", "route")}
    before = total("tasker_api_requests_total", labels), total("tasker_api_request_seconds_count", timed)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(unstarted.app), base_url="http://localhost") as client:
        answer = await client.request(method, path, headers=headers, json={} if method != "GET" else None)
    assert str(answer.status_code) == labels["status"], answer.text
    after = total("tasker_api_requests_total", labels), total("tasker_api_request_seconds_count", timed)
    assert after == (before[0] + 1, before[1] + 1)


async def test_an_unforeseen_error_counts_as_500_and_goes_on() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        assert total("tasker_api_in_flight_requests", {}) == in_flight + 1
        raise RuntimeError("nobody foresaw this")

    labels = {"method": "GET", "route": "other", "status": "500"}
    before, in_flight = total("tasker_api_requests_total", labels), total("tasker_api_in_flight_requests", {})
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(RequestMetrics(broken, "/api/v1")), base_url="http://localhost"
    )
    with pytest.raises(RuntimeError, match="foresaw"):
        await client.get("/api/v1/tasks")
    assert total("tasker_api_requests_total", labels) == before + 1
    assert total("tasker_api_in_flight_requests", {}) == in_flight
    await client.aclose()
