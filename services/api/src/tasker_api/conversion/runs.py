"""From run documents to HTTP shapes."""

import json

from tasker_api.schemas.runs import RunItem, RunResponse
from tasker_runtime.documents import RunDocument


def run_item(run: RunDocument) -> RunItem:
    """A run in a list."""
    return RunItem.model_validate({**run, "id": run["_id"], "retry_at": run.get("retry_at")})


def run_response(run: RunDocument) -> RunResponse:
    """A run, whole."""
    values = {"payload": json.loads(run["payload_json"]), "result": json.loads(run["result_json"])}
    return RunResponse.model_validate({**run, "id": run["_id"], "retry_at": run.get("retry_at"), **values})
