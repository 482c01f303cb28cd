"""`tasker smoke-test`: makes a task as a person would, sees it run and logged, and deletes it. `helm test` runs it."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from tasker.rest.problems import ClientError, TaskerProblem
from tasker.rest.sync.pause import pause
from tasker_cli.connection.session import session_of
from tasker_cli.errors import CommandFailed

if TYPE_CHECKING:
    from tasker import Client
    from tasker.rest.shapes import RunItem

PAUSE_SECONDS: Final = 0.25
RUNS: Final = 3
T = TypeVar("T")


def smoke_test_command(
    context: typer.Context,
    seconds: Annotated[int, typer.Option("--seconds", min=1, max=3600, help="A step may take so long.")] = 60,
) -> None:
    """Make a task, see it run and logged, and delete it."""
    session = session_of(context)
    session.tries_again = False  # each step is, and says what was answered last
    for line in smoke_test(session.client, seconds):
        session.screen.line(line)


def smoke_test(client: "Client", seconds: float, look_again: Callable[[float], object] = pause) -> Iterator[str]:
    """A line for each step that went well. Every step may take `seconds`; the task is deleted whatever happens.

    Raises CommandFailed, which says what did not come and what was seen last.
    """

    def eventually(what: str, look: Callable[[], T | None]) -> T:
        deadline, seen = monotonic() + seconds, "nothing yet"
        while monotonic() < deadline:
            try:
                if (found := look()) is not None:
                    return found
            except ClientError as error:
                seen = str(error)
            look_again(PAUSE_SECONDS)
        raise CommandFailed(f"not within {seconds:g} s: {what} ({seen})")

    task_id = f"smoke-test-{uuid.uuid4().hex[:12]}"
    handlers = eventually("an executor has announced its handlers", lambda: _handlers(client))
    yield f"the API answers at {client.url}; handlers: {', '.join(handlers)}"
    try:
        eventually(f"the task {task_id} is made", lambda: _task(client, task_id))
        yield f"made the task {task_id}, due every second"
        runs = eventually(
            f"{RUNS} runs of {task_id} have succeeded and are logged", lambda: _succeeded(client, task_id)
        )
        late = max(_seconds_late(run) for run in runs)
        yield f"{len(runs)} runs have succeeded and are logged, each finished at most {late:.2f} s after its time"
    finally:
        eventually(f"the task {task_id} is deleted", lambda: _deleted(client, task_id))
    yield f"deleted the task {task_id}"


def _handlers(client: "Client") -> list[str] | None:
    names = sorted({item["name"] for item in client.system.handlers()["items"]})
    return names if "default" in names else None


def _task(client: "Client", task_id: str) -> str:
    """The task's id once it is readable; it is put again until then, which changes nothing."""
    payload = {"from": "tasker smoke-test"}
    return client.tasks.put(task_id, {"schedule": {"every": "PT1S"}, "payload": payload, "tags": ["smoke-test"]})["id"]


def _succeeded(client: "Client", task_id: str) -> "list[RunItem] | None":
    runs = list(client.runs.list(task_id=task_id, state="succeeded", limit=RUNS))
    return runs if len(runs) >= RUNS else None


def _deleted(client: "Client", task_id: str) -> bool | None:
    """Whether it is gone. A delete that is not decided yet is asked for again."""
    try:
        client.tasks.delete(task_id)
        client.tasks.get(task_id)
    except TaskerProblem as problem:
        if problem.status == 404:
            return True
        raise
    return None


def _seconds_late(run: "RunItem") -> float:
    assert run["finished_at"] is not None, "it has succeeded"
    return (datetime.fromisoformat(run["finished_at"]) - datetime.fromisoformat(run["nominal_at"])).total_seconds()
