"""PURE. Reports of runs as documents of `runs`: the first final outcome stands, later ones are kept as attempts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from tasker_core.chains.links import Predecessor
from tasker_core.documents.runs import (
    MAX_ATTEMPTS,
    TICKER,
    AttemptDocument,
    PredecessorDocument,
    RunContent,
    RunErrorDocument,
)
from tasker_core.messages.runs import RunError, RunFinished, RunStarted
from tasker_core.messages.verdicts import Ended, EndReason
from tasker_core.run_states import FINAL_RANK, is_final, run_rank
from tasker_log_sink.projection.bson_instants import instant, optional_instant

_SOON: Final = timedelta(seconds=0.9)
_END_MESSAGES: Final[Mapping[EndReason, str]] = {
    "cancelled": "cancelled before its next attempt",
    "deleted": "its task was deleted before its next attempt",
    "too_old": "its next attempt would have come more than a day late",
    "refused": "its next attempt was refused",
}
_WAIT_MESSAGES: Final[Mapping[EndReason, str]] = {
    "cancelled": "cancelled while it waited for its callback",
    "deleted": "its task was deleted while it waited for its callback",
    "too_old": "its callback came more than a day late",
    "refused": "its wait for a callback was refused",
}


def run_document(message: RunStarted | RunFinished) -> RunContent:
    """The document of one report alone. Raises ValueError for an instant that is none."""
    document: RunContent = {
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
    elif message.waiting_until is not None:
        document["state"], document["retry_at"] = "waiting", instant(message.waiting_until)
    if message.after is not None:
        document["after"] = _predecessor(message.after, message.chain)
        document["after_run_id"] = message.after.run_id
    return document


def ended_run_document(message: Ended) -> RunContent:
    """The document of a run that the ticker has ended: its last attempt never began, or waited for its callback."""
    at = instant(message.ended_at)
    messages = _END_MESSAGES if message.started_at is None else _WAIT_MESSAGES
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
        "started_at": optional_instant(message.started_at),
        "finished_at": at,
        "attempt": message.attempt,
        "attempts": [],
        "state": message.outcome,
        "retry_at": None,
        "handler": message.handler,
        "payload_json": "null",
        "result_json": "null",
        "error": {"kind": message.reason, "message": messages[message.reason]},
        "worker": TICKER,
        "seen": 0,
    }


def merge_run(stored: RunContent | None, new: RunContent) -> RunContent:
    """The document after one more report; the same object when that changes nothing.

    It shows what has come furthest. What finished and is not shown is an attempt, each once, however often it is
    reported. A run that the ticker has ended shows that, completed by what executors reported, whichever comes first.

    What keeps the shown state keeps `logged_at` too, where the stored document has it.
    """
    if stored is None:
        return new
    attempts = stored["attempts"]
    if rank_of(new) > rank_of(stored):
        shown = _completed(new, stored) if new["worker"] == TICKER else new
        return {**shown, "attempts": _with_attempt(attempts, stored)}
    kept = attempts if _attempt(new) == _attempt(stored) else _with_attempt(attempts, new)
    if stored["worker"] == TICKER and stored.get("seen", 0) < rank_of(new) < FINAL_RANK:
        return {**_completed(stored, new), "attempts": kept}
    return stored if kept is attempts else {**stored, "attempts": kept}


def is_first_report(run: RunContent) -> bool:
    """Whether nothing was reported of a run before, as far as its first report shows: of most runs there is only one.

    Executors report that a run goes on a second after its start, and tickers and later attempts tell of runs that were
    reported before. What seems to be a first report may be a repeated one, or that of a callback that came at once.
    """
    if run["attempt"] > 1 or run["worker"] == TICKER:
        return False
    started, finished = run["started_at"], run["finished_at"]
    if finished is None:
        return run["state"] == "running"
    return started is None or finished - started < _SOON


def rank_of(run: RunContent) -> int:
    """How far a run has come."""
    return run_rank(run["state"], run["attempt"])


def _completed(ended: RunContent, reported: RunContent) -> RunContent:
    """A run that the ticker has ended, with the stages that executors reported."""
    completed: RunContent = {
        **ended,
        "task_name": reported["task_name"],
        "generation": reported["generation"],
        "version": reported["version"],
        "kind": reported["kind"],
        "lane": reported["lane"],
        "nominal_at": reported["nominal_at"],
        "effective_at": reported["effective_at"],
        "emitted_at": reported["emitted_at"],
        "received_at": reported["received_at"],
        "attempts": reported["attempts"],
        "handler": reported["handler"],
        "payload_json": reported["payload_json"],
        "result_json": reported["result_json"],
        "seen": rank_of(reported),
    }
    if "after" in reported and "after_run_id" in reported:
        completed["after"], completed["after_run_id"] = reported["after"], reported["after_run_id"]
    return completed


def _with_attempt(attempts: list[AttemptDocument], run: RunContent) -> list[AttemptDocument]:
    if run["finished_at"] is None or len(attempts) >= MAX_ATTEMPTS:
        return attempts
    attempt = _attempt(run)
    return attempts if attempt in attempts else [*attempts, attempt]


def _attempt(run: RunContent) -> AttemptDocument:
    state = run["state"]
    return {
        "attempt": run["attempt"],
        "outcome": state if is_final(state) else "failed",  # only what failed is tried again
        "started_at": run["started_at"],
        "finished_at": run["finished_at"],
        "error": run["error"],
        "worker": run["worker"],
    }


def _error(error: RunError | None) -> RunErrorDocument | None:
    return None if error is None else {"kind": error.kind, "message": error.message}


def _predecessor(after: Predecessor, chain: Sequence[str]) -> PredecessorDocument:
    return {
        "task_id": after.task_id,
        "run_id": after.run_id,
        "nominal_at": instant(after.nominal_at),
        "outcome": after.outcome,
        "chain": list(chain),
    }
