"""`tasker smoke-test`: makes a task as a person would, sees it run and logged, and deletes it. `helm test` runs it."""

import signal
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic
from typing import Any, Final, TypeVar

import httpx

from tasker_cli.rest_client import RequestFailed, request

PAUSE_SECONDS: Final = 0.25
RUNS: Final = 3
T = TypeVar("T")


def smoke_test(
    client: httpx.Client, seconds: float, pause: Callable[[], object] = lambda: signal.sigtimedwait([], PAUSE_SECONDS)
) -> Iterator[str]:
    """A line for each step that went well. Every step may take `seconds`; the task is deleted whatever happens.

    Raises RequestFailed, which says what did not come and what was seen last.
    """

    def eventually(what: str, look: Callable[[], T | None]) -> T:
        deadline, seen = monotonic() + seconds, "nothing yet"
        while monotonic() < deadline:
            try:
                if (found := look()) is not None:
                    return found
            except RequestFailed as error:
                seen = str(error)
            pause()
        raise RequestFailed(f"not within {seconds:g} s: {what} ({seen})")

    task_id = f"smoke-test-{uuid.uuid4().hex[:12]}"
    path = f"/tasks/{task_id}"
    handlers = eventually("an executor has announced its handlers", lambda: _handlers(client))
    yield f"the API answers at {client.base_url}; handlers: {', '.join(handlers)}"
    try:
        eventually(f"the task {task_id} is made", lambda: _task(client, task_id))
        yield f"made the task {task_id}, due every second"
        runs = eventually(
            f"{RUNS} runs of {task_id} have succeeded and are logged", lambda: _succeeded(client, task_id)
        )
        late = max(_seconds_late(run) for run in runs)
        yield f"{len(runs)} runs have succeeded and are logged, each finished at most {late:.2f} s after its time"
    finally:
        eventually(f"the task {task_id} is deleted", lambda: _deleted(client, path))
    yield f"deleted the task {task_id}"


def _handlers(client: httpx.Client) -> list[str] | None:
    names = sorted({item["name"] for item in request(client, "GET", "/handlers")["items"]})
    return names if "default" in names else None


def _task(client: httpx.Client, task_id: str) -> str | None:
    """The task's id once it is readable; it is put again until then, which changes nothing."""
    body = {"schedule": {"every": "PT1S"}, "payload": {"from": "tasker smoke-test"}, "tags": ["smoke-test"]}
    return request(client, "PUT", f"/tasks/{task_id}", body=body).get("id")


def _succeeded(client: httpx.Client, task_id: str) -> list[dict[str, Any]] | None:
    page = request(client, "GET", "/runs", {"task_id": task_id, "state": "succeeded", "limit": RUNS})
    return page["items"] if len(page["items"]) >= RUNS else None


def _deleted(client: httpx.Client, path: str) -> bool | None:
    """Whether it is gone. A delete that is not decided yet is asked for again."""
    try:
        request(client, "DELETE", path)
        request(client, "GET", path)
    except RequestFailed as error:
        if error.status == 404:
            return True
        raise
    return None


def _seconds_late(run: dict[str, Any]) -> float:
    return (datetime.fromisoformat(run["finished_at"]) - datetime.fromisoformat(run["nominal_at"])).total_seconds()
