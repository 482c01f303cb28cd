"""PURE. What was read of the log about a task: how far it has come, how long it keeps, what it says of occurrences."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tasker_api.occurrences.definition import seconds
from tasker_core.documents.missed_occurrences import MissedDocument
from tasker_core.documents.runs import RunDocument
from tasker_core.schedules.schedule import NEVER

PendingReason = Literal["not_decided", "catching_up", "not_logged"]


class CatchUpRange(NamedTuple):
    """Occurrences effective in (after, to] of the tasks whose ids sort after `after_task` are still to be visited."""

    after: int
    to: int
    after_task: str


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far the log has come, in epoch seconds. `watermark`: None where none is logged.

    What ended before `kept_from` may be gone from the log. What was due before `reported_by` and was emitted has been
    reported by an executor, or never will be: its record is in Kafka no longer.
    """

    now: int
    watermark: int | None
    catch_up: Sequence[CatchUpRange]
    kept_from: int
    reported_by: int

    def pending(self, task_id: str, effective: int) -> PendingReason | None:
        """Why the log may not have an occurrence yet that is due; None when it must have it."""
        if self.watermark is None or effective > self.watermark:
            return "not_decided"
        if any(gap.after < effective <= gap.to and task_id > gap.after_task for gap in self.catch_up):
            return "catching_up"
        return "not_logged" if effective >= self.reported_by else None


@dataclass(slots=True)
class LogEvidence:
    """What the log says of some nominal times. `runs`: by their ids, `backfills`: the newest one of a time by
    (generation, nominal time), `missed`: by generations, ascending and apart from each other, `counted`: by generations
    how many runs that count against `max_runs` are in the log.
    """

    runs: Mapping[str, RunDocument] = field(default_factory=dict[str, RunDocument])
    backfills: Mapping[tuple[int, int], RunDocument] = field(default_factory=dict[tuple[int, int], RunDocument])
    missed: Mapping[int, Sequence[MissedDocument]] = field(default_factory=dict[int, Sequence[MissedDocument]])
    counted: Mapping[int, int] = field(default_factory=dict[int, int])

    def missed_range(self, generation: int, nominal: int) -> MissedDocument | None:
        """The range that holds a nominal time."""
        ranges = self.missed.get(generation, ())
        at = bisect_left(ranges, nominal, key=lambda one: seconds(one["to_at"], NEVER))
        if at < len(ranges) and seconds(ranges[at]["from_at"], NEVER) <= nominal:
            return ranges[at]
        return None


def log_evidence(
    runs: Iterable[RunDocument],
    backfills: Iterable[RunDocument],
    missed: Iterable[MissedDocument],
    counted: Mapping[int, int],
) -> LogEvidence:
    """The documents, ready to be asked."""
    by_generation: dict[int, list[MissedDocument]] = {}
    for one in sorted(missed, key=lambda one: one["to_at"]):
        by_generation.setdefault(one["generation"], []).append(one)
    newest: dict[tuple[int, int], RunDocument] = {}
    for run in sorted(backfills, key=lambda run: run["emitted_at"]):
        newest[run["generation"], seconds(run["nominal_at"], NEVER)] = run
    return LogEvidence({run["_id"]: run for run in runs}, newest, by_generation, counted)
