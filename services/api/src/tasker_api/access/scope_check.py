"""Keeps a caller with tags to its tasks, as the rule of a route says."""

from fastapi import Request

from tasker_api.access.caller import Caller
from tasker_api.access.roles import Rule
from tasker_api.access.tag_scope import TagScope
from tasker_api.problems import Problem, run_not_found
from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_core.errors import FieldError


async def check_scope(rule: Rule, caller: Caller, request: Request, tasks: TaskQueries, runs: RunQueries) -> None:
    """Refuse what is not about the caller's tasks. Raises Problem (403, 404)."""
    scope = TagScope(caller, tasks)
    match rule.limit:
        case "nothing" | "own":
            return
        case "path_task":
            await scope.require(request.path_params["task_id"])
        case "path_run":
            await _require_run(scope, request.path_params["run_id"], runs)
        case "task_parameter":
            given = request.query_params.getlist(_parameter(rule))
            if not given:
                raise _refused(caller, scope, rule, "say of which of them")
            await scope.require(*given)
        case "tag_parameter":
            if caller.tags.isdisjoint(request.query_params.getlist(_parameter(rule))):
                raise _refused(caller, scope, rule, f"give {scope.wording()}")
        case "refused":
            raise _refused(caller, scope, rule)


async def _require_run(scope: TagScope, run_id: str, runs: RunQueries) -> None:
    """One that the log does not have is left to the route."""
    found = await runs.find(run_id)
    if found is not None:
        try:
            await scope.require(found["task_id"])
        except Problem:
            raise run_not_found(run_id) from None


def _parameter(rule: Rule) -> str:
    assert rule.parameter is not None, "these limits name one"
    return rule.parameter


def _refused(caller: Caller, scope: TagScope, rule: Rule, way_out: str | None = None) -> Problem:
    whose = f"the key {caller.name!r} is for tasks tagged {scope.wording()} only"
    if way_out is None:
        return Problem(403, f"{whose}, and this is about all tasks: it takes a key without tags")
    name = rule.parameter
    message = f"{whose}: {way_out} by the parameter `{name}`"
    return Problem(403, message, [FieldError(pointer=f"/query/{name}", message=message)])
