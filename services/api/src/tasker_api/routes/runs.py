"""The execution log, and what is done to one run of it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tasker_api import convert, schemas
from tasker_api.body import takes
from tasker_api.cancels import cancel
from tasker_api.deps import Services, validated
from tasker_api.problems import Problem, not_found
from tasker_api.routing import PENDING, Body, Issue, TaskIdPath, Use
from tasker_api.schemas_runs import CancelAsked, RerunInput
from tasker_api.store import RunFilter
from tasker_api.triggers import again
from tasker_core.ids import TASK_ID_PATTERN, Kind
from tasker_runtime.documents import RunDocument, RunWord

router = APIRouter(tags=["runs"])
UNFINISHED = ("waiting", "running", "retrying")


class TaskRunsQuery(BaseModel):
    """Which runs of a task, and which page of them."""

    model_config = ConfigDict(populate_by_name=True)

    state: RunWord | None = None
    kind: Kind | None = None
    lane: schemas.Lane | None = None
    since: Annotated[AwareDatetime | None, Field(alias="from", description="effective at or after")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to", description="effective before")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: str | None = None


class RunsQuery(TaskRunsQuery):
    """Which runs of all."""

    task_id: str | None = None


@router.get("/runs")
async def list_runs(use: Use, which: Annotated[RunsQuery, Query()]) -> schemas.RunList:
    """A page of runs, newest first."""
    return await _page(use, which.task_id, which)


@router.get("/tasks/{task_id}/runs")
async def list_task_runs(use: Use, task_id: TaskIdPath, which: Annotated[TaskRunsQuery, Query()]) -> schemas.RunList:
    """A page of one task's runs, newest first; they outlive a deleted task."""
    return await _page(use, task_id, which)


@router.get("/runs/{run_id}")
async def get_run(use: Use, run_id: str) -> schemas.Run:
    """One run with payload, result and every stage."""
    return convert.run(await _found(use, run_id))


@router.post("/runs/{run_id}/cancel", responses=PENDING)
async def cancel_run(
    use: Use,
    issue: Issue,
    run_id: str,
    task_id: Annotated[
        str | None, Query(pattern=TASK_ID_PATTERN, description="its task, for a run that the log does not have yet")
    ] = None,
) -> CancelAsked:
    """Cancel a run that is not finished, also of a deleted task: executors stop it, a next attempt will not come."""
    found = await use.store.run(run_id)
    if found is None and task_id is None:
        told = "a run shows in the log once it goes on for a second, or ended; before that, name its task in `task_id`"
        raise Problem(404, f"the run {run_id!r} is not there: {told}")
    if found is not None and found["state"] not in UNFINISHED:
        raise Problem(409, f"the run has ended already: it {_became(found)}")
    owner = task_id if found is None else found["task_id"]
    assert owner is not None, "one of both names it"
    return await cancel(use, issue, owner, run_id)


@router.post("/runs/{run_id}/rerun", responses=PENDING, openapi_extra=takes(RerunInput, required=False))
async def rerun(use: Use, issue: Issue, run_id: str, body: Body) -> schemas.Triggered:
    """Run a finished run again: a trigger of its task with the payload that it had, or another one."""
    validated(RerunInput, body)
    found = await _found(use, run_id)
    if found["state"] in UNFINISHED:
        raise Problem(409, f"the run is still {found['state']}: wait for its end, or cancel it first")
    note = ": ".join(part for part in (f"rerun of {run_id}", body.get("note")) if part)
    return await again(use, issue, found["task_id"], found["payload_json"], body | {"note": note})


def _became(found: RunDocument) -> str:
    return {"skipped": "was skipped", "cancelled": "was cancelled"}.get(found["state"], found["state"])


async def _found(use: Services, run_id: str) -> RunDocument:
    found = await use.store.run(run_id)
    if found is None:
        raise not_found(f"the run {run_id!r}")
    return found


async def _page(use: Services, task_id: str | None, which: TaskRunsQuery) -> schemas.RunList:
    of = RunFilter(task_id, which.state, which.kind, which.lane, which.since, which.until)
    found, following = await use.store.runs(of, which.limit, which.cursor)
    return schemas.RunList(items=[convert.run_item(item) for item in found], next_cursor=following)
