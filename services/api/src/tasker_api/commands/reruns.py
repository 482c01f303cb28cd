"""Run a finished run again."""

from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.commands.triggers import trigger_again
from tasker_api.problems import Problem
from tasker_api.schemas.run_commands import TriggerResponse
from tasker_core.run_states import is_final


async def rerun(context: ApiContext, builder: CommandBuilder, run_id: str, options: dict[str, Any]) -> TriggerResponse:
    """Trigger the task of a run with its payload, unless `options` hold another. Raises as `trigger`."""
    run = await context.existing_run(run_id)
    if not is_final(run["state"]):
        raise Problem(409, f"the run is still {run['state']}: wait for its end, or cancel it first")
    if run["kind"] == "alert":
        raise Problem(409, "the run told somebody of tasks: it is of no task that could be run again")
    note = ": ".join(part for part in (f"rerun of {run_id}", options.get("note")) if part)
    return await trigger_again(context, builder, run["task_id"], run["payload_json"], options | {"note": note})
