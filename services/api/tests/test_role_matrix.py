"""Every operation of the OpenAPI document, by every kind of caller: who may, and what the others are told.

A request that comes as far as its route ends there with 418, or is refused for something else than its caller.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from tasker_api import request_dependencies
from tasker_api.app import create_app
from tasker_api.problems import Problem
from tasker_api.settings import ApiSettings
from tasker_api.testing.issued_keys import IssuedKeys
from tasker_api.testing.running_api import RunningApi
from tasker_core.access.roles import ROLES, Role, includes
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

PREFIX: Final = "/api/v1"
METHODS: Final = ("get", "post", "put", "patch", "delete")
ARRIVED: Final = 418
Operation = tuple[str, str]

DOCUMENT: Final = create_app(ApiSettings(), None, Health(), configure("api", "console")).openapi()
OPERATIONS: Final[list[Operation]] = [
    (method.upper(), path.removeprefix(PREFIX))
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if method in METHODS
]
ANYBODY: Final[set[Operation]] = {
    ("GET", "/session"),
    ("POST", "/session"),
    ("DELETE", "/session"),
    ("POST", "/callbacks/{token}"),
}
COMPUTING: Final[set[Operation]] = {
    ("POST", "/schedules/preview"),
    ("POST", "/schedules/diff"),
    ("POST", "/calendars/{name}/diff"),
    ("POST", "/imports"),
}
"""They change nothing, or see to it themselves where they do (an import that is applied: test_credentials.py)."""
OPEN_TO_LIMITED: Final[set[Operation]] = {
    ("GET", "/tasks"),
    ("POST", "/tasks"),
    ("PUT", "/tasks/{task_id}"),
    ("GET", "/exports"),
    ("POST", "/imports"),
    ("POST", "/bulk-actions"),
    ("GET", "/bulk-actions/{change_set}"),
    ("GET", "/change-sets"),
    ("GET", "/change-sets/{change_set}"),
    ("GET", "/change-sets/{change_set}/items"),
    ("POST", "/change-sets/{change_set}/cancel"),
    ("POST", "/change-sets/{change_set}/resume"),
    ("POST", "/change-sets/{change_set}/undo"),
    ("GET", "/journal/{event_id}"),
    ("GET", "/calendars"),
    ("GET", "/calendars/{name}"),
    ("GET", "/calendars/{name}/history"),
    ("GET", "/handlers"),
    ("GET", "/system"),
    ("GET", "/stats/tasks"),
    ("POST", "/schedules/preview"),
    ("POST", "/schedules/diff"),
}
"""What a caller with tags may ask for without naming a task of theirs: test_tag_scope.py and test_scoped_change_sets.py
say what it gets."""
BY_PARAMETER: Final[dict[Operation, tuple[str, str, str]]] = {
    ("GET", "/runs"): ("task_id", "mine", "theirs"),
    ("GET", "/recent-runs"): ("task_id", "mine", "theirs"),
    ("GET", "/missed"): ("task_id", "mine", "theirs"),
    ("GET", "/stream"): ("task_id", "mine", "theirs"),
    ("GET", "/stats/promise"): ("task", "mine", "theirs"),
    ("GET", "/forecast"): ("tag", "finance", "ops"),
}
"""What it may ask for by a parameter, with values that are theirs and that are not."""


def needed(operation: Operation) -> Role | None:
    """The rule, said once more: who reads is a viewer, who changes an operator; letters and keys are an admin's."""
    method, path = operation
    if operation in ANYBODY:
        return None
    if path.startswith(("/dead-letters", "/keys")):
        return "admin"
    return "viewer" if method == "GET" or operation in COMPUTING else "operator"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> IssuedKeys:
    """A key of each role, and one of each that is kept to the tasks of a tag."""
    keys = IssuedKeys(tmp_path_factory.mktemp("keys") / "keys.json")
    for role in ROLES:
        keys.issue(role, role)
        keys.issue(f"limited {role}", role, tags=("finance",))
    return keys


@pytest_asyncio.fixture(loop_scope="session")
async def client(kafka: str, topics: str, database: str, issued: IssuedKeys) -> AsyncIterator[httpx.AsyncClient]:
    """An API whose routes answer 418 when a request has come to them, with a task of the tag and one of another."""
    api = RunningApi(kafka, topics, database, api_keys_file=issued.file)
    await api.documents.task("mine", tags=["finance", "daily"])
    await api.documents.task("theirs", tags=["ops"])
    await api.documents.run("my-run", task_id="mine")
    await api.documents.run("their-run", task_id="theirs")

    def arrived() -> None:
        raise Problem(ARRIVED, "it has come to its route")

    for given in (request_dependencies.context, request_dependencies.builder):
        api.app.dependency_overrides[given] = arrived
    async with api.client() as found:
        yield found
    await api.close()


async def status(
    client: httpx.AsyncClient,
    operation: Operation,
    headers: dict[str, str],
    query: dict[str, str] | None = None,
    *,
    theirs: bool = False,
) -> int:
    """The answer to a request for an operation, about a task of the tag or of another one."""
    method, path = operation
    task, run = ("theirs", "their-run") if theirs else ("mine", "my-run")
    values: dict[str, Any] = {"task_id": task, "run_id": run, "version": 1, "partition": 0, "offset": 0}
    values |= {"name": "holidays", "event_id": "e1", "token": "t", "change_set": "c1"}
    return (await client.request(method, path.format(**values), headers=headers, params=query)).status_code


async def test_every_operation_for_every_caller(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    wrong = list[str]()
    assert len(OPERATIONS) > 40
    for operation in OPERATIONS:
        role = needed(operation)
        told = DOCUMENT["paths"][PREFIX + operation[1]][operation[0].lower()]["security"]
        if told != ([] if role is None else [{"key": [role]}, {"session": [role]}]):
            wrong.append(f"{operation}: the document tells {told}, not {role}")
        for caller, headers in {
            "no key": {},
            "wrong key": {"Authorization": f"Bearer tsk_zzzzzzzz_{'x' * 32}"},
            **{role: issued.header(role) for role in ROLES},
        }.items():
            answer = await status(client, operation, headers)
            expected: set[int] = {401}
            if role is None:
                expected = set(range(200, 600)) - {403, 429, 500}
            elif caller in ROLES:
                expected = {ARRIVED, 422} if includes(caller, role) else {403}
            if answer not in expected:
                wrong.append(f"{operation} by {caller}: {answer}")
    assert not wrong, "\n".join(wrong)


async def test_every_operation_for_a_caller_who_is_kept_to_some_tasks(
    client: httpx.AsyncClient, issued: IssuedKeys
) -> None:
    wrong = list[str]()
    passed = {ARRIVED, 422}
    for operation in OPERATIONS:
        role = needed(operation)
        if role is None:
            continue
        headers = issued.header(f"limited {role}")
        mine, theirs = await status(client, operation, headers), await status(client, operation, headers, theirs=True)
        if operation in OPEN_TO_LIMITED:
            is_right = {mine, theirs} <= passed
        elif "{task_id}" in operation[1] or "{run_id}" in operation[1]:
            is_right = mine in passed and theirs == 404
        elif operation in BY_PARAMETER:
            name, own, other = BY_PARAMETER[operation]
            by_own = await status(client, operation, headers, {name: own})
            by_other = await status(client, operation, headers, {name: other})
            is_right = (mine, theirs) == (403, 403) and by_own in passed and by_other in (403, 404)
        else:
            is_right = (mine, theirs) == (403, 403)
        if not is_right:
            wrong.append(f"{operation}: {mine} of mine, {theirs} of theirs")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("operation", [("GET", "/nothing"), ("POST", "/system"), ("DELETE", "/runs")])
async def test_what_is_no_operation_is_served_to_nobody(
    client: httpx.AsyncClient, issued: IssuedKeys, operation: Operation
) -> None:
    for headers in ({}, issued.header("admin")):
        assert await status(client, operation, headers) in (404, 405)
