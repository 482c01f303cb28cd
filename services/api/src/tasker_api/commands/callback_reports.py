"""Reports of how an attempt has ended that waited for its callback: the first one counts."""

from typing import Any

from tasker_api.api_context import ApiContext
from tasker_api.commands.command_builder import CommandBuilder
from tasker_api.problems import Problem
from tasker_api.publishing.verdict import OtherContent
from tasker_api.schemas.callbacks import ReportInput, ReportResponse
from tasker_core.handlers.callback_token import CallbackClaims

ACTOR = "callback"


async def report_end(context: ApiContext, claims: CallbackClaims, report: ReportInput) -> ReportResponse:
    """Publish a report. Raises Problem (409, 410, 503) or VerdictPending.

    The event's id is the attempt's, so that the journal knows a repetition, also after the deadline.
    """
    # One key for all reports of an attempt, whichever of its tokens they come with.
    builder = CommandBuilder(context, f"report-{claims.run_id}-{claims.attempt}", "rest", ACTOR, scope=None)
    named: dict[str, Any] = {"task_id": claims.task_id, "run_id": claims.run_id, "attempt": claims.attempt}
    data = named | report.model_dump(mode="json", exclude_defaults=True)
    try:
        verdict = await builder.earlier_verdict("report", claims.task_id, data)
        if verdict is None:
            if context.clock.now_ms() > claims.deadline * 1000:
                raise Problem(410, "the time for this report is over: the attempt has failed with `timeout`")
            verdict = await builder.execute("report", claims.task_id, data, request=data)
    except OtherContent:
        raise Problem(409, "another report of this call was first, and counts") from None
    except Problem as problem:
        raise _too_late() if problem.status in (404, 422) else problem from None
    if verdict["verdict"] != "accepted":
        raise _too_late()
    return ReportResponse(task_id=claims.task_id, run_id=claims.run_id, attempt=claims.attempt, outcome=report.outcome)


def _too_late() -> Problem:
    return Problem(410, "nobody waits for this report any more: the run was cancelled, deleted, or has ended already")
