"""Where targets report how a call has ended that they answered with 202. The token in the URL is all they need."""

from fastapi import APIRouter, Request

from tasker_api.commands.callback_reports import report_end
from tasker_api.openapi.openapi_document import PENDING, request_body
from tasker_api.request_dependencies import Context, json_body, validated
from tasker_api.schemas.callbacks import ReportInput, ReportResponse

router = APIRouter(tags=["callbacks"])


@router.post("/callbacks/{token}", responses=PENDING, openapi_extra=request_body(ReportInput, required=False))
async def report(context: Context, token: str, request: Request) -> ReportResponse:
    """Report the end of a call, once. 404: a wrong token; 409: another report was first; 410: it is too late."""
    claims = context.callbacks.claims(token)  # before the body is read: anybody may send one
    return await report_end(context, claims, validated(ReportInput, await json_body(request)))
