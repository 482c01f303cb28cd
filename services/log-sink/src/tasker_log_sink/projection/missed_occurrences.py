"""PURE. Ranges of occurrences that did not run as documents of `missed`."""

from tasker_core.documents.missed_occurrences import MissedContent
from tasker_core.messages.verdicts import Missed
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.bson_instants import instant


def missed_document(missed: Missed) -> MissedContent:
    """The range of one message. Raises ValueError for an instant that is none.

    Its id is its content, so that a range that is read again, from this cluster or another, is the same document.
    """
    first, last = instant(missed.from_), instant(missed.to)
    return {
        "_id": f"{missed.task_id}/{missed.version}/{to_ms(first)}/{to_ms(last)}/{missed.reason}",
        "task_id": missed.task_id,
        "generation": missed.generation,
        "version": missed.version,
        "reason": missed.reason,
        "from_at": first,
        "to_at": last,
    }
