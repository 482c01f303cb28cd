"""Query parameters of every route of the OpenAPI document: unknown, repeated and empty ones are refused."""

import re
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_api.app import create_app
from tasker_api.query_parameters import MAX_ERRORS, query_errors, taken_by
from tasker_api.settings import ApiSettings
from tasker_core.events.forwarded_event import AppendPosition
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

Operation = dict[str, Any]


def _operations() -> list[tuple[str, str, Operation]]:
    app = create_app(ApiSettings(web_root=None), None, Health(), configure("api", "console"))
    paths: dict[str, dict[str, Operation]] = app.openapi()["paths"]
    return [(method, path, one) for path, methods in paths.items() for method, one in methods.items()]


OPERATIONS = _operations()
VALUES = {"task_id": "a", "run_id": "0" * 32, "event_id": AppendPosition(0, 1, 2).event_id, "partition": "0"}
ROUTES = [pytest.param(*found, id=f"{found[0]} {found[1]}") for found in OPERATIONS]
PARAMETERS = [
    pytest.param(method, path, one, id=f"{method} {path} {one['name']}")
    for method, path, operation in OPERATIONS
    for one in operation.get("parameters", ())
    if one["in"] == "query"
]


async def _asked(client: httpx.AsyncClient, method: str, path: str, query: str) -> httpx.Response:
    filled = re.sub(r"\{(\w+)\}", lambda match: VALUES.get(match[1], "0"), path).removeprefix("/api/v1")
    return await client.request(method, f"{filled}?{query}")


def test_all_routes_are_walked() -> None:
    assert len(OPERATIONS) > 20
    assert any(not taken_by(operation) for *_, operation in OPERATIONS)


@pytest.mark.parametrize(("method", "path", "operation"), ROUTES)
async def test_an_unknown_parameter_is_refused(
    lone_client: httpx.AsyncClient, method: str, path: str, operation: Operation
) -> None:
    answer = await _asked(lone_client, method, path, "colour=red")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/query/colour"
    assert all(name in error["message"] for name in taken_by(operation) or ("takes none",))


@pytest.mark.parametrize(("method", "path", "parameter"), PARAMETERS)
async def test_only_what_means_all_of_them_may_be_repeated(
    lone_client: httpx.AsyncClient, method: str, path: str, parameter: dict[str, Any]
) -> None:
    name = parameter["name"]
    several = taken_by({"parameters": [parameter]})[name]
    answer = await _asked(lone_client, method, path, f"{name}=1&{name}=2")
    if several:
        assert "it takes one value" not in answer.text  # though 1 may be no value of it
        assert answer.status_code in (422, 503), "taken: it went on to the database, which is away"
        return
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"/query/{name}"
    assert "2 times" in error["message"]


async def test_values_that_are_joined_are_told_apart(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get("/tasks/a/occurrences?status=ran,missed")
    [error] = answer.json()["errors"]
    assert error["message"].endswith("; of several give each on its own: status=…&status=…")


@pytest.mark.parametrize(("method", "path", "parameter"), PARAMETERS)
async def test_an_empty_value_is_refused(
    lone_client: httpx.AsyncClient, method: str, path: str, parameter: dict[str, Any]
) -> None:
    answer = await _asked(lone_client, method, path, f"{parameter['name']}=")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], "leave" in error["message"]) == (f"/query/{parameter['name']}", True)


async def test_a_misspelt_parameter_is_told_the_right_one(lone_client: httpx.AsyncClient) -> None:
    for wrong, right in (("limti", "limit"), ("tags", "tag"), ("Sort", "sort"), ("status", "state")):
        message = (await lone_client.get("/tasks", params={wrong: "1"})).json()["errors"][0]["message"]
        assert f"did you mean `{right}`?" in message, message


async def test_everything_wrong_is_told_at_once(lone_client: httpx.AsyncClient) -> None:
    answer = await lone_client.get("/tasks?a~/b=1&limit=2&limit=2&tag=")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/query/a~0~1b", "/query/limit", "/query/tag"]


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=3)), max_size=60))
def test_no_query_breaks_it(query: list[tuple[str, str]]) -> None:
    errors = query_errors(query, {"tag": True, "limit": False})
    assert len(errors) <= MAX_ERRORS
    wrong = {name for name, value in query if name not in ("tag", "limit") or not value}
    assert bool(errors) == bool(wrong or sum(name == "limit" for name, _ in query) > 1)
