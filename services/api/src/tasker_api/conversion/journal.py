"""From journal documents to HTTP shapes."""

import json

from tasker_api.schemas.journal import JournalEntry
from tasker_runtime.documents import JournalDocument


def journal_entry(entry: JournalDocument) -> JournalEntry:
    """A task event with its verdict."""
    task = json.loads(entry["task_json"]) if entry["task_json"] else None
    return JournalEntry.model_validate({**entry, "task": task})
