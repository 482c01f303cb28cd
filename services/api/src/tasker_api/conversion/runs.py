"""From run documents to HTTP shapes."""

import json
from typing import Any

from tasker_api.schemas.runs import RunItem, RunResponse
from tasker_core.documents.runs import RunDocument


def run_item(run: RunDocument) -> RunItem:
    """A run in a list."""
    return RunItem.model_validate(_item_fields(run))


def run_response(run: RunDocument) -> RunResponse:
    """A run, whole."""
    more = {
        "payload": json.loads(run["payload_json"]),
        "result": json.loads(run["result_json"]),
        "attempts": run["attempts"],
    }
    return RunResponse.model_validate(_item_fields(run) | more)


def _item_fields(run: RunDocument) -> dict[str, Any]:
    return {
        "id": run["_id"],
        "task_id": run["task_id"],
        "task_name": run["task_name"],
        "kind": run["kind"],
        "lane": run["lane"],
        "nominal_at": run["nominal_at"],
        "effective_at": run["effective_at"],
        "emitted_at": run["emitted_at"],
        "received_at": run["received_at"],
        "started_at": run["started_at"],
        "finished_at": run["finished_at"],
        "logged_at": run["logged_at"],
        "attempt": run["attempt"],
        "state": run["state"],
        "retry_at": None if run["state"] == "waiting" else run.get("retry_at"),
        "waiting_until": run.get("retry_at") if run["state"] == "waiting" else None,
        "handler": run["handler"],
        "error": run["error"],
        "worker": run["worker"],
        "version": run["version"],
        "after": run.get("after"),
    }
