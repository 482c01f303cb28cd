"""PURE. The life of a task as its verdicts tell it: from when to when it was due every second, paused, or not there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from tasker_cli.verify.instants import epoch_second, instant_text, whole_seconds

Phase = Literal["due", "paused", "gone", "unknown"]
_UNBOUNDED = ("start", "end", "max_runs", "exclude", "spread")
_ONE_SECOND = frozenset({"PT1S", "PT1.0S", "PT01S"})
BEGINNING = -1
DEFAULT_GRACE = 60
"""Seconds; of a task that says nothing of misfires."""
_AT_ANY_TIME = frozenset({"paused", "changed", "deleted"})
"""Why a second of an outage is given up, however young it is: somebody wanted its task otherwise."""


class UnfitTask(Exception):
    """A task that is not due in every second; the text says why."""


class MissedSpan(NamedTuple):
    """A closed range of nominal seconds that is recorded as missed, and why."""

    first: int
    last: int
    reason: str


class MissedVerdict(NamedTuple):
    """When a range was recorded as missed, in epoch milliseconds, and the grace of its task then, if that is known."""

    span: MissedSpan
    appended_ms: int
    grace: int | None


class EndedRun(NamedTuple):
    """A run that the ticker itself ended, and how."""

    run_id: str
    nominal: int
    outcome: str


@dataclass(slots=True)
class TaskLife:
    """One task. `phases` begin behind their second: (second, phase), in order. `unfit` says why it can't be audited.

    `was_active`: something says that it was there, if not as what.
    """

    task_id: str
    phases: list[tuple[int, Phase]] = field(default_factory=list[tuple[int, Phase]])
    missed: list[MissedVerdict] = field(default_factory=list[MissedVerdict])
    ended: list[EndedRun] = field(default_factory=list[EndedRun])
    unfit: str | None = None
    was_active: bool = False
    graces: list[int] = field(default_factory=list[int])

    @property
    def is_defined(self) -> bool:
        """Whether it is known for any time when it was due."""
        return bool(self.phases) or self.unfit is not None

    def apply(self, message: dict[str, Any], appended_ms: int) -> None:
        """Apply one message of `verdicts`, in the order of the log, with the broker's timestamp. Raises ValueError."""
        match message["type"]:
            case "verdict" if message["verdict"] == "accepted":
                self._apply_verdict(message)
            case "missed":
                missed = MissedSpan(epoch_second(message["from"]), epoch_second(message["to"]), message["reason"])
                self.was_active = True
                self.missed.append(MissedVerdict(missed, appended_ms, self.graces[-1] if self.graces else None))
            case "ended" if message.get("kind", "scheduled") == "scheduled":
                self.ended.append(EndedRun(message["run_id"], epoch_second(message["nominal_at"]), message["outcome"]))
            case _:
                pass  # rejected and superseded events change nothing; others are not about seconds

    def _apply_verdict(self, verdict: dict[str, Any]) -> None:
        if verdict["event_type"] in ("trigger", "backfill", "cancel", "retry"):
            self.was_active |= verdict["event_type"] in ("trigger", "backfill")
            return
        at = epoch_second(verdict["effective_from"])
        if verdict["event_type"] == "delete":
            self._enter(at, "gone")
            return
        if not self.phases:  # what was before its first verdict, unless that is its creation
            is_new = verdict["version"] == verdict["generation"]
            self.phases.append((BEGINNING, "gone" if is_new else "unknown"))
        self.define(at, verdict["task"])

    def define(self, at: int, task: dict[str, Any]) -> None:
        """Let it have a definition behind a second."""
        misfire: dict[str, Any] = task.get("misfire") or {}
        grace = misfire.get("grace")
        self.graces.append(DEFAULT_GRACE if grace is None else whole_seconds(grace))
        try:
            first_due = first_due_after(at, task["schedule"])
        except UnfitTask as unfit:
            self.unfit = self.unfit or f"{unfit} since {instant_text(at)}"
            return
        if task.get("paused"):
            self._enter(at, "paused")
            return
        if first_due > at + 1:
            self._enter(at, "gone")
        self._enter(first_due - 1, "due")

    def _enter(self, at: int, phase: Phase) -> None:
        if not self.phases:
            self.phases.append((BEGINNING, "unknown"))
        if self.phases[-1][1] != phase:
            self.phases.append((at, phase))

    def bounds(self, first: int, last: int) -> range:
        """The seconds of a window from the first to the last one in which something may be due."""
        spans = [span for span, phase in self.spans(first, last) if phase in ("due", "paused")]
        return range(spans[0].start, spans[-1].stop) if spans else range(0)

    def missed_within_grace(self) -> Iterator[int]:
        """The seconds that were recorded as missed while they could still run: at most their grace after them.

        One second of mercy, as a transaction's records may be made in the second before they are due.
        """
        for span, appended_ms, grace_then in self.missed:
            grace = grace_then if grace_then is not None or not self.graces else self.graces[0]
            if grace is not None and span.reason not in _AT_ANY_TIME:
                yield from range(max(span.first, appended_ms // 1000 + 1 - grace), span.last + 1)

    def phase_at(self, second: int) -> Phase:
        """The phase in which a second lies."""
        found: Phase = "unknown"
        for behind, phase in self.phases:
            if second > behind:
                found = phase
        return found

    def spans(self, first: int, last: int) -> list[tuple[range, Phase]]:
        """The window [first, last], cut into phases; nothing of it when it was never defined."""
        if not self.phases:
            return []
        found: list[tuple[range, Phase]] = []
        ends = [at for at, _ in self.phases[1:]] + [last]
        for (behind, phase), end in zip(self.phases, ends, strict=True):
            if seconds := range(max(first, behind + 1), min(last, end) + 1):
                found.append((seconds, phase))
        return found


def first_due_after(at: int, schedule: dict[str, Any]) -> int:
    """The first second behind `at` from which a schedule is due in each one. Raises UnfitTask when it never is."""
    bounds = [name for name in _UNBOUNDED if schedule.get(name)]
    if schedule.get("every") in _ONE_SECOND and not bounds:
        anchor = schedule.get("anchor")
        return max(at + 1, epoch_second(anchor)) if anchor else at + 1
    if schedule.get("cron") == "* * * * * *" and schedule.get("timezone", "UTC") == "UTC" and not bounds:
        return at + 1
    raise UnfitTask(f"its schedule is {json.dumps(schedule, separators=(',', ':'))[:200]}")
