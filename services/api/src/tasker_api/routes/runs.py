"""The execution log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime

from tasker_api import convert, schemas
from tasker_api.deps import Services, services
from tasker_api.problems import not_found
from tasker_api.store import RunFilter
from tasker_core.ids import TASK_ID_PATTERN, Kind
from tasker_runtime.documents import RunWord

router = APIRouter(tags=["runs"])
Use = Annotated[Services, Depends(services)]
Limit = Annotated[int, Query(ge=1, le=200)]
Since = Annotated[AwareDatetime | None, Query(alias="from", description="effective at or after")]
Until = Annotated[AwareDatetime | None, Query(alias="to", description="effective before")]


@router.get("/runs")
async def list_runs(
    use: Use,
    task_id: str | None = None,
    state: RunWord | None = None,
    kind: Kind | None = None,
    lane: schemas.Lane | None = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> schemas.RunList:
    """A page of runs, newest first."""
    return await _page(use, RunFilter(task_id, state, kind, lane, since, until), limit, cursor)


@router.get("/tasks/{task_id}/runs")
async def list_task_runs(
    use: Use,
    task_id: Annotated[str, Path(pattern=TASK_ID_PATTERN)],
    state: RunWord | None = None,
    kind: Kind | None = None,
    lane: schemas.Lane | None = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> schemas.RunList:
    """A page of one task's runs, newest first; they outlive a deleted task."""
    return await _page(use, RunFilter(task_id, state, kind, lane, since, until), limit, cursor)


@router.get("/runs/{run_id}")
async def get_run(use: Use, run_id: str) -> schemas.Run:
    """One run with payload, result and every stage."""
    found = await use.store.run(run_id)
    if found is None:
        raise not_found(f"the run {run_id!r}")
    return convert.run(found)


async def _page(use: Services, which: RunFilter, limit: int, cursor: str | None) -> schemas.RunList:
    found, following = await use.store.runs(which, limit, cursor)
    return schemas.RunList(items=[convert.run_item(item) for item in found], next_cursor=following)
