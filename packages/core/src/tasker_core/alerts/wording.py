"""Alerts in words, for people."""

from collections.abc import Mapping, Sequence
from typing import Final

from tasker_core.messages.alerts import AlertedChange, AlertWord
from tasker_core.messages.verdicts import MissedReason
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.duration import parse_duration

MAX_LINES: Final = 10
"""So many changes have a line in the text of a message."""

_REASONS: Final[Mapping[MissedReason, str]] = {
    "policy": "they were late, and its misfire policy is none",
    "coalesced": "they were late, and only the newest late one is run (misfire policy latest)",
    "over_max": "they were late, and more than its misfire policy runs (max)",
    "too_old": "more than a day late",
    "paused": "they were late, and it was paused before they were caught up on",
    "deleted": "they were late, and it was deleted before they were caught up on",
    "changed": "they were late, and its schedule was changed before they were caught up on",
}


def sentence(change: AlertedChange) -> str:
    """One change."""
    task = name_of(change)
    match change.change:
        case "failed":
            return f"{task} {_failed(change)}{_why(change)}"
        case "late":
            run, late = _short(change.due_at), _duration(change.late)
            return f"{task} is late: its run of {run} had not ended {late} after its time"
        case "recovered" if change.after == "late":
            return f"{task} is on time again: late since {_short(change.since)}"
        case "recovered":
            runs = "one run" if change.failures == 1 else f"{change.failures} runs"
            return f"{task} has recovered: a run has succeeded, after {runs} failed since {_short(change.since)}"
        case "missed":
            return f"{task} did not run {_range(change)}: {_REASONS.get(change.reason or 'policy', change.reason)}"
        case "paused":
            many = "a failure" if change.failures == 1 else f"{change.failures} failures in a row"
            return f"{task} is paused by Tasker after {many}{_why(change)}"


def text_of(changes: Sequence[AlertedChange], more: Mapping[AlertWord, int]) -> str:
    """A whole message: a line for each change, the first ones."""
    left_out = len(changes) - MAX_LINES
    lines = [change.text for change in changes[:MAX_LINES]]
    others = sum(more.values()) + max(0, left_out)
    if not others:
        return "\n".join(lines)
    counts = dict(more)
    for change in changes[MAX_LINES:]:
        counts[change.change] = counts.get(change.change, 0) + 1
    words = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    return "\n".join([*lines, f"and {others:,} more: {words}"])


def name_of(change: AlertedChange) -> str:
    """The task, by its name and its id."""
    same = change.task_name in ("", change.task_id)
    return change.task_id if same else f"{change.task_name} ({change.task_id})"


def _failed(change: AlertedChange) -> str:
    if change.reminder and (change.failures or 0) > 1:
        return f"still fails, {change.failures} runs since {_short(change.since)}"
    return f"has failed, its run of {_short(change.due_at)}"


def _range(change: AlertedChange) -> str:
    if change.first == change.last:
        return f"at {_short(change.first)}"
    return f"from {_short(change.first)} to {_short(change.last)}"


def _why(change: AlertedChange) -> str:
    return "" if change.error is None else f": {change.error.kind}: {change.error.message}"


def _duration(text: str | None) -> str:
    return "in time" if text is None else duration_in_words(parse_duration(text))


def _short(instant: str | None) -> str:
    """An instant as people read it: 2026-01-01 12:00:00 UTC."""
    return "an unknown time" if instant is None else f"{instant[:19].replace('T', ' ')} UTC"
