"""PURE. Takes what is recorded as missed: only what was late, for a reason that its misfire policy gives."""

from collections.abc import Iterator
from typing import Final

from tasker_cli.verify.instants import DAY, instant_text
from tasker_cli.verify.judgement.run_ledger import add_one
from tasker_cli.verify.judgement.window import AuditedTasks
from tasker_cli.verify.lives.due_pieces import Piece
from tasker_cli.verify.lives.partition_time import LIVE_SECONDS
from tasker_cli.verify.lives.task_life import MissedVerdict, TaskLife

_POLICIES: Final = {"coalesced": "latest", "over_max": "all", "policy": "none"}
_CHANGED: Final = {
    "paused": ("pause", "put", "outcome"),
    "changed": ("put", "calendar"),
    "deleted": ("delete",),
}
"""Why an occurrence of an outage is given up, however young it is: the event by which somebody wanted otherwise."""


class MissedJudge:
    """`ranges` are those that reach into the window, and whether the log shows each."""

    def __init__(self, tasks: AuditedTasks) -> None:
        self._tasks, self._findings = tasks, tasks.findings
        self.ranges: dict[tuple[str, int, int, str], bool] = {}
        for life in tasks.lives.values():
            for missed in life.missed:
                self._add(life, missed)

    def add_document(self, task_id: str, first: int, last: int, reason: str) -> None:
        """One range of the log's collection of missed occurrences."""
        if (task_id, first, last, reason) in self.ranges:
            self.ranges[task_id, first, last, reason] = True
        elif first >= self._tasks.first and last <= self._tasks.last and task_id in self._tasks.lives:
            found = self._occurrences(task_id, 0, first, last)
            if not any(self._tasks.may_come(task_id, piece.effectives[place]) for piece, place in found):
                what = f"logged as missed to {instant_text(last)} ({reason}), which no verdict says"
                self._findings.add("wrongly_logged", first, task_id, what)

    def conclude(self, fresh_ms: int) -> None:
        """Find the ranges that the log does not show."""
        young = {
            (life.task_id, missed.first, missed.last, missed.reason)
            for life in self._tasks.lives.values()
            for missed in life.missed
            if missed.appended_ms > fresh_ms
        }
        for one, logged in self.ranges.items():
            if not logged and one not in young:
                task_id, first, last, reason = one
                what = f"missed to {instant_text(last)} ({reason}), which the log does not show"
                self._findings.add("unlogged", first, task_id, what)

    def _add(self, life: TaskLife, missed: MissedVerdict) -> None:
        tasks, number, refused = self._tasks, 0, ""
        if missed.last < tasks.first or missed.first > tasks.last:
            return
        for piece, place in self._occurrences(life.task_id, missed.generation, missed.first, missed.last):
            number += 1
            add_one(tasks.ledger.missed, piece.base + place)
            refused = refused or self._refusal(life, missed, piece, place)
        whole = missed.first >= tasks.first and missed.last <= tasks.last
        self.ranges[life.task_id, missed.first, missed.last, missed.reason] = False
        if not number and whole and tasks.is_known(life.task_id, missed.first):
            refused = "but none of its occurrences lies there"
        if refused:
            what = f"recorded as missed to {instant_text(missed.last)} ({missed.reason}), {refused}"
            self._findings.add("missed_wrongly", missed.first, life.task_id, what)

    def _occurrences(self, task_id: str, generation: int, first: int, last: int) -> Iterator[tuple[Piece, int]]:
        """Those whose nominal seconds lie in a range; of generation 0, of any."""
        for piece in self._tasks.pieces.get(task_id, ()):
            if generation in (0, piece.generation) and not piece.definition.paused:
                for place, nominal in enumerate(piece.nominals):
                    if first <= nominal <= last:
                        yield piece, place

    def _refusal(self, life: TaskLife, missed: MissedVerdict, piece: Piece, place: int) -> str:
        """Why an occurrence must not be recorded as missed so; empty when it may."""
        effective, appended = piece.effectives[place], missed.appended_ms // 1000
        definition = missed.definition or piece.definition
        at = instant_text(effective)
        if self._tasks.strict:
            return f"and nothing may be missed: {at}"
        if self._tasks.time.was_on_time(effective, min(definition.grace, LIVE_SECONDS) - 1):
            return f"but the ticker was on time at {at}"
        if (events := _CHANGED.get(missed.reason)) is not None:
            if not any(one.event_type in events and one.at >= effective for one in life.changes):
                return f"but no event asked for that after {at}"
            return ""
        if missed.reason == "too_old":
            return "" if definition.is_once and appended - effective > DAY - 2 else f"but {at} was no day ago"
        # One second of mercy, as a transaction's records may be made in the second before they are due.
        if appended + 1 - effective < definition.grace:
            return f"but {at} was still within its grace of {definition.grace} s"
        if (policy := _POLICIES.get(missed.reason)) != definition.policy and missed.definition is not None:
            return f"but its misfire policy is {definition.policy}" if policy else "which is no reason"
        if missed.reason == "coalesced" and place + 1 < len(piece) and piece.effectives[place + 1] > appended:
            return f"but {at} was its newest occurrence by then"
        return ""
