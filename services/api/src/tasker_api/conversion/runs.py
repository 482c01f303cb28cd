"""From run documents to HTTP shapes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tasker_api.schemas.runs import MissedItem, RecentRun, RunItem, RunResponse
from tasker_core.documents.missed_occurrences import MissedDocument
from tasker_core.documents.runs import RunDocument
from tasker_core.messages.verdicts import MissedReason

_WHY_MISSED: Final[Mapping[MissedReason, str]] = {
    "policy": "more than its grace late, and the misfire policy `none` runs nothing that is late",
    "coalesced": "more than its grace late, and the misfire policy `latest` runs only the newest of what is late",
    "over_max": "more than its grace late, and the misfire policy `all` runs only the newest `max` of what is late",
    "too_old": "more than 24 hours late, and a one-time task runs at most 24 hours late",
    "paused": "due in an outage, and before that was caught up the task was paused",
    "deleted": "due in an outage, and before that was caught up the task was deleted",
    "changed": "due in an outage, and before that was caught up the task was given another schedule",
}


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


def recent_run(run: RunDocument) -> RecentRun:
    """A run among the newest of its task."""
    return RecentRun.model_validate(_item_fields(run))


def missed_item(missed: MissedDocument, task_name: str | None) -> MissedItem:
    """A range of nominal times that did not run."""
    fields = {
        "id": missed["_id"],
        "task_id": missed["task_id"],
        "task_name": task_name,
        "version": missed["version"],
        "reason": missed["reason"],
        "from_": missed["from_at"],
        "to": missed["to_at"],
        "logged_at": missed["logged_at"],
    }
    item = MissedItem.model_validate(fields | {"text": ""})
    return item.model_copy(update={"text": f"Not run: {_WHY_MISSED[item.reason]}."})


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
