"""From journal documents to HTTP shapes."""

import json

from tasker_api.schemas.journal import JournalEntry
from tasker_core.documents.journal import FieldErrorDocument, JournalDocument
from tasker_core.errors import FieldError, Suggestion


def journal_entry(entry: JournalDocument) -> JournalEntry:
    """A task event with its verdict."""
    fields = {
        "event_id": entry["event_id"],
        "event_type": entry["event_type"],
        "task_id": entry["task_id"],
        "verdict": entry["verdict"],
        "version": entry["version"],
        "generation": entry["generation"],
        "actor": entry["actor"],
        "channel": entry["channel"],
        "note": entry["note"],
        "effective_from": entry["effective_from"],
        "task": json.loads(entry["task_json"]) if entry["task_json"] else None,
        "next_at": entry["next_at"],
        "run_id": entry["run_id"],
        "change_set": entry.get("change_set"),
        "errors": [field_error(error) for error in entry["errors"]],
        "logged_at": entry["logged_at"],
    }
    return JournalEntry.model_validate(fields)


def field_error(error: FieldErrorDocument) -> FieldError:
    """What is wrong with one field of the event."""
    suggestion = error.get("suggestion_json")
    return FieldError(
        pointer=error["pointer"],
        message=error["message"],
        suggestion=None if suggestion is None else Suggestion.model_validate_json(suggestion),
    )
