"""From documents of change-sets to HTTP shapes."""

import json
from datetime import datetime, timedelta
from typing import Final, cast

from tasker_api.conversion.journal import field_error
from tasker_api.schemas.many_tasks.change_sets import ChangeSetItem, ChangeSetResponse, ItemState, ShownState
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.documents.journal import JournalDocument
from tasker_core.messages.change_sets import ChangeSetCounts, ChangeSetProgress
from tasker_core.messages.verdicts import Channel, VerdictWord

SILENCE: Final = timedelta(seconds=30)
"""So long nothing is heard of a change-set that nobody carries out any more."""
_STATES: Final[dict[VerdictWord, ItemState]] = {
    "accepted": "changed",
    "superseded": "superseded",
    "forwarded": "waiting",
}


def shown_state(document: ChangeSetDocument, now: datetime, *, here: bool) -> ShownState:
    """Whether it goes on; `here`: in this process it does."""
    if document["state"] == "running" and not here and now - document["updated_at"] > SILENCE:
        return "interrupted"
    return document["state"]


def change_set_response(
    document: ChangeSetDocument, counts: ChangeSetCounts, undone_by: str | None, state: ShownState
) -> ChangeSetResponse:
    """A change-set in a state, with the verdicts on its items by now."""
    progress = ChangeSetProgress.model_validate(document.get("progress", {}))
    answered = counts.accepted + counts.rejected + counts.superseded
    known = answered + progress.unchanged + progress.left_out
    total = document.get("total")
    waiting = None if total is None else max(total - known, 0)
    if state in ("done", "cancelled"):
        waiting = 0 if "counts" in document else None
    return ChangeSetResponse(
        id=document["_id"],
        kind=document.get("kind", "bulk"),
        action=document.get("action", ""),
        filter=json.loads(document.get("filter_json", "null")),
        options=json.loads(document.get("options_json", "null")),
        scope=document.get("scope"),
        actor=document["actor"],
        channel=cast("Channel", document["channel"]),
        note=document["note"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        state=state,
        total=None if total is None else max(total, known),
        accepted=counts.accepted,
        rejected=counts.rejected,
        changed_meanwhile=counts.changed_meanwhile,
        superseded=counts.superseded,
        unchanged=progress.unchanged,
        left_out=progress.left_out,
        waiting=waiting,
        examples=list(progress.examples),
        undoes=document.get("undoes"),
        undone_by=undone_by,
    )


def change_set_item(entry: JournalDocument) -> ChangeSetItem:
    """What became of one task."""
    errors = [field_error(error) for error in entry["errors"]]
    state = _STATES.get(entry["verdict"], "rejected")
    if state == "rejected" and any(error.pointer == "/if_version" for error in errors):
        state = "changed_meanwhile"
    return ChangeSetItem(
        task_id=entry["task_id"],
        event_id=entry["event_id"],
        event_type=entry["event_type"],
        verdict=entry["verdict"],
        state=state,
        version=entry["version"],
        run_id=entry["run_id"],
        errors=errors,
        logged_at=entry["logged_at"],
    )
