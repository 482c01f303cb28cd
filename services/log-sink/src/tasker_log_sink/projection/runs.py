"""PURE. Results as documents of `runs`: the first final outcome stands, later ones are kept as attempts."""

from typing import Any, cast

from tasker_core.messages import Ended, RunError, RunFinished, RunStarted
from tasker_log_sink.projection.instants import instant, optional_instant

Document = dict[str, Any]

FINAL = frozenset({"succeeded", "failed", "cancelled", "skipped"})
LAST = 2**63 - 1
TICKER = "ticker"
_ENDED = {
    "cancelled": "cancelled before its next attempt",
    "deleted": "its task was deleted before its next attempt",
    "too_old": "its next attempt would have come more than a day late",
    "refused": "its next attempt was refused",
}
_LAST_WORD = ("attempt", "state", "retry_at", "error", "started_at", "finished_at", "logged_at", "worker")
MAX_ATTEMPTS = 100
"""So many attempts are kept besides the one shown: a document must not grow for ever."""


def run_document(message: RunStarted | RunFinished) -> Document:
    """The document of one message alone, without `logged_at`. Raises ValueError when an instant is none."""
    document: Document = {
        "_id": message.run_id,
        "task_id": message.task_id,
        "task_name": message.task_name,
        "generation": message.generation,
        "version": message.version,
        "kind": message.kind,
        "lane": message.lane,
        "nominal_at": instant(message.nominal_at),
        "effective_at": instant(message.effective_at),
        "emitted_at": instant(message.emitted_at),
        "received_at": instant(message.received_at),
        "started_at": optional_instant(message.started_at),
        "finished_at": None,
        "attempt": message.attempt,
        "attempts": [],
        "state": "running",
        "retry_at": None,
        "handler": message.handler,
        "payload_json": bytes(message.payload).decode(),
        "result_json": "null",
        "error": None,
        "worker": message.worker,
    }
    if isinstance(message, RunFinished):
        document["retry_at"] = optional_instant(message.retry_at)
        document["state"] = message.outcome if message.retry_at is None else "retrying"
        document["finished_at"] = instant(message.finished_at)
        document["result_json"] = bytes(message.result).decode()
        document["error"] = _error(message.error)
    return document


def ended_document(message: Ended) -> Document:
    """The document of a run that the ticker has ended: no executor has seen its last attempt."""
    at = instant(message.ended_at)
    return {
        "_id": message.run_id,
        "task_id": message.task_id,
        "task_name": message.task_name,
        "generation": message.generation,
        "version": message.version,
        "kind": message.kind,
        "lane": "background",
        "nominal_at": instant(message.nominal_at),
        "effective_at": instant(message.effective_at),
        "emitted_at": at,
        "received_at": at,
        "started_at": None,
        "finished_at": at,
        "attempt": message.attempt,
        "attempts": [],
        "state": message.outcome,
        "retry_at": None,
        "handler": message.handler,
        "payload_json": "null",
        "result_json": "null",
        "error": {"kind": message.reason, "message": _ENDED[message.reason]},
        "worker": TICKER,
        "seen": 0,
    }


def merge_run(stands: Document | None, new: Document) -> Document:
    """What stands after one more message; the same object when that changes nothing.

    A final state outranks any other, then the later attempt, then `retrying` over `running`. What finished and is not
    shown is an attempt, each once, however often its message comes. The ticker's last word stands on top of what
    executors told of the run, whichever comes first.
    """
    if stands is None:
        return new
    attempts = cast("list[Document]", stands["attempts"])
    if rank(new) > rank(stands):
        shown = _on_top_of(stands, new) if new["worker"] == TICKER else new
        return {**shown, "attempts": _with(attempts, stands)}
    kept = attempts if _attempt(new) == _attempt(stands) else _with(attempts, new)
    if stands["worker"] == TICKER and stands.get("seen", 0) < rank(new) < LAST:
        return {**_on_top_of(new, stands), "attempts": kept}
    return stands if kept is attempts else {**stands, "attempts": kept}


def _on_top_of(told: Document, ended: Document) -> Document:
    """A run that the ticker has ended, with the stages that its executors told; the attempt shown never began."""
    stages = {name: told[name] for name in told if name not in _LAST_WORD}
    return stages | {name: ended[name] for name in _LAST_WORD if name in ended} | {"seen": rank(told)}


def rank(run: Document) -> int:
    """How far a run has come; what is equal or less changes nothing of what is shown."""
    state = run["state"]
    return LAST if state in FINAL else 2 * run["attempt"] + int(state == "retrying")


def _with(attempts: list[Document], document: Document) -> list[Document]:
    if document["finished_at"] is None or len(attempts) >= MAX_ATTEMPTS:
        return attempts
    attempt = _attempt(document)
    return attempts if attempt in attempts else [*attempts, attempt]


def _attempt(document: Document) -> Document:
    state = document["state"]
    return {
        "attempt": document["attempt"],
        "outcome": state if state in FINAL else "failed",  # only what failed is tried again
        "started_at": document["started_at"],
        "finished_at": document["finished_at"],
        "error": document["error"],
        "worker": document["worker"],
    }


def _error(error: RunError | None) -> dict[str, str] | None:
    return None if error is None else {"kind": error.kind, "message": error.message}
