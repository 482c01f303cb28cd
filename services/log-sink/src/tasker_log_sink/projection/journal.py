"""PURE. Verdicts as documents of `journal`."""

import json
from typing import Any

from tasker_core.documents.journal import FieldErrorDocument, JournalContent, entry_id
from tasker_core.messages.base import NULL
from tasker_core.messages.verdicts import Verdict
from tasker_log_sink.projection.bson_instants import optional_instant


def journal_document(verdict: Verdict) -> JournalContent:
    """The entry of one verdict. Raises ValueError for an instant that is none."""
    entry: JournalContent = {
        "_id": entry_id(verdict.task_id, verdict.event_id),
        "task_id": verdict.task_id,
        "event_id": verdict.event_id,
        "event_type": verdict.event_type,
        "verdict": verdict.verdict,
        "generation": verdict.generation,
        "version": verdict.version,
        "actor": verdict.actor,
        "channel": verdict.channel,
        "note": verdict.note,
        "digest": verdict.digest,
        "effective_from": optional_instant(verdict.effective_from),
        "task_json": None if verdict.task == NULL else bytes(verdict.task).decode(),
        "next_at": optional_instant(verdict.next_at),
        "run_id": verdict.run_id,
        "errors": [_field_error(error) for error in verdict.errors],
    }
    if verdict.change_set is not None and verdict.event_type != "change-set":
        entry["change_set"] = verdict.change_set
    return entry


def _field_error(error: dict[str, Any]) -> FieldErrorDocument:
    document: FieldErrorDocument = {"pointer": str(error.get("pointer", "")), "message": str(error.get("message", ""))}
    if (suggestion := error.get("suggestion")) is not None:
        document["suggestion_json"] = json.dumps(suggestion)
    return document
