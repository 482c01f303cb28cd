"""Every route of the API has a method in both clients, and every method a route."""

import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx

from tasker import AsyncClient, Client

OPENAPI = Path(__file__).parents[3] / "contract" / "openapi.json"
NOT_FOR_CLIENTS = {
    ("GET", "/api/v1/tasks/{task_id}/runs"): "client.runs.list(task_id=…)",
    ("GET", "/api/v1/bulk-actions/{change_set}"): "client.change_sets.get(…)",
    ("POST", "/api/v1/session"): "signs a browser in; a client sends its key",
    ("DELETE", "/api/v1/session"): "signs a browser out",
}


class Recorder:
    """A server that remembers which routes it was asked for."""

    def __init__(self) -> None:
        paths: dict[str, Any] = json.loads(OPENAPI.read_text())["paths"]
        self.routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
        self.most = {
            (method.upper(), path): one["schema"]["maximum"]
            for path, methods in paths.items()
            for method, operation in methods.items()
            for one in operation.get("parameters", ())
            if one["name"] == "limit"
        }
        self.asked = set[tuple[str, str]]()
        self.transport = httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        given = request.url.path
        fitting = [
            (method, path)
            for method, path in self.routes
            if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), given)
        ]
        assert fitting, f"{request.method} {given} is no route"
        route = min(fitting, key=lambda route: route[1].count("{"))
        self.asked.add(route)
        limit = int(request.url.params.get("limit", 1))
        assert limit <= self.most.get(route, limit), f"{route} gives no {limit} at once"
        if given.endswith("/stream"):
            return httpx.Response(200, text="event: open\ndata: {}\n\n")
        return httpx.Response(200, json={"items": [], "next_cursor": None, "state": "done"})

    @property
    def missing(self) -> set[tuple[str, str]]:
        return self.routes - self.asked - set(NOT_FOR_CLIENTS)


def calls(client: object) -> Iterator[Any]:
    """What each method of each resource returns, given something for what it needs."""
    resources: dict[str, object] = vars(client)
    for resource in resources.values():
        kind = type(resource)
        methods = [getattr(resource, name) for name in dir(kind) if not name.startswith("_")]
        if not kind.__module__.startswith("tasker.rest"):
            continue
        for method in methods:
            needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
            yield method(**{one.name: _something(str(one.annotation)) for one in needed})


def _something(annotation: str) -> Any:
    if "bytes" in annotation:
        return b"[]"
    if "ndjson" in annotation:
        return "json"
    return "x" if "str" in annotation and "dict" not in annotation else 1 if "int" in annotation else {}


def test_every_route_has_a_method() -> None:
    recorder = Recorder()
    with Client("http://there", transport=recorder.transport) as client:
        for result in calls(client):
            if isinstance(result, Iterator):
                next(cast("Iterator[Any]", result), None)
    assert recorder.missing == set()


async def test_every_route_has_an_asynchronous_method() -> None:
    recorder = Recorder()
    async with AsyncClient("http://there", transport=recorder.transport) as client:
        for result in calls(client):
            if isinstance(result, AsyncIterator):
                await anext(cast("AsyncIterator[Any]", result), None)
            elif isinstance(result, Awaitable):
                await result
    assert recorder.missing == set()
