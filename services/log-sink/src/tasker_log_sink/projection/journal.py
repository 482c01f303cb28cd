"""PURE. Verdicts as documents of `journal`, and ranges of occurrences that did not run as documents of `missed`."""

from typing import Any

from tasker_core.messages import NULL, Missed, Verdict
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.instants import instant, optional_instant

Document = dict[str, Any]


def journal_document(verdict: Verdict) -> Document:
    """The entry of one verdict, without `logged_at`. Raises ValueError when an instant is none."""
    return {
        "_id": f"{verdict.task_id}/{verdict.event_id}",  # a task id has no slash in it
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
        "errors": [{"pointer": e.get("pointer", ""), "message": e.get("message", "")} for e in verdict.errors],
    }


def missed_document(missed: Missed) -> Document:
    """The range of one message, without `logged_at`. Raises ValueError when an instant is none.

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
