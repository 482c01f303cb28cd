"""PURE. What became of each nominal time: what the definitions say of it, and what the log does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tasker_api.occurrences.definition import DefinitionInForce
from tasker_api.occurrences.log_evidence import LogEvidence, LogPosition
from tasker_api.occurrences.task_history import Standing
from tasker_api.schemas.runs import OccurrenceStatus
from tasker_core.documents.missed_occurrences import MissedDocument
from tasker_core.documents.runs import RunDocument
from tasker_core.ids import run_id

_OF_RUNS: Final[dict[str, OccurrenceStatus]] = {
    "succeeded": "ran",
    "failed": "ran",
    "skipped": "skipped",
    "cancelled": "cancelled",
    "running": "running",
    "waiting": "waiting",
    "retrying": "retrying",
}
_BY_THE_DEFINITIONS: Final[dict[str, OccurrenceStatus]] = {
    "paused": "paused",
    "excluded": "excluded",
    "superseded": "superseded",
    "deleted": "deleted",
    "ended": "ended",
    "before": "before",
}

IN_THE_LOG: Final = frozenset({"due", "unknown", "ended"})
"""Of what the definitions say so, there may be a run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one nominal time.

    `change`: the definition that its answer refers to: it superseded or deleted this one, or ended the pause.
    `backfill`: the newest backfilled run of it.
    """

    standing: Standing
    status: OccurrenceStatus
    reason: str | None = None
    run: RunDocument | None = None
    missed: MissedDocument | None = None
    change: DefinitionInForce | None = None
    backfill: RunDocument | None = None


def scheduled_run_id(standing: Standing) -> str:
    """The id of the scheduled run of a nominal time."""
    revision = standing.definition.revision
    return run_id(revision["task_id"], revision["generation"], "scheduled", standing.nominal)


def answers(standings: Iterable[Standing], evidence: LogEvidence, log: LogPosition) -> Iterator[Answer]:
    """The answer to each."""
    for standing in standings:
        yield _answer(standing, evidence, log)


def _answer(standing: Standing, evidence: LogEvidence, log: LogPosition) -> Answer:
    generation = standing.definition.revision["generation"]
    backfill = evidence.backfills.get((generation, standing.nominal))
    run = evidence.runs.get(scheduled_run_id(standing)) if standing.verdict in IN_THE_LOG else None
    if run is not None:
        return Answer(standing, _OF_RUNS[run["state"]], run["state"], run=run, backfill=backfill)
    if standing.verdict in _BY_THE_DEFINITIONS:
        status, change = _BY_THE_DEFINITIONS[standing.verdict], standing.change
        return Answer(standing, status, _reason(standing), change=change, backfill=backfill)
    if (missed := evidence.missed_range(generation, standing.nominal)) is not None:
        change = standing.change if missed["reason"] in ("changed", "paused", "deleted") else None
        return Answer(standing, "missed", missed["reason"], missed=missed, change=change, backfill=backfill)
    status, reason = _without_a_trace(standing, evidence, log)
    return Answer(standing, status, reason, backfill=backfill)


def _reason(standing: Standing) -> str | None:
    one = standing.definition
    match standing.verdict:
        case "ended":
            if one.is_end:
                return "removed"
            return one.finish["reason"] if one.finish is not None and not _is_out_of_bounds(standing) else "end"
        case "before":
            return "start" if one.begin < standing.nominal else "created"
        case "paused":
            return "failures" if one.pause is not None and one.pause.by == "tasker" else "paused"
        case "excluded":
            calendar = one.excluding_calendar(standing.nominal)
            return one.excluding_entry(standing.nominal) or (calendar and f"calendar {calendar[0]}")
        case _:
            return None


def _is_out_of_bounds(standing: Standing) -> bool:
    schedule = standing.definition.schedule
    return schedule is not None and standing.nominal > schedule.bounds[1]


def _without_a_trace(
    standing: Standing, evidence: LogEvidence, log: LogPosition
) -> tuple[OccurrenceStatus, str | None]:
    """Of an occurrence that had to run, or will, and of which the log says nothing."""
    one, effective = standing.definition, standing.effective
    if standing.verdict == "due" and effective > log.now:
        return "coming", None
    if effective < log.kept_from:
        return "unknown", "not_kept"
    if standing.verdict == "unknown":
        return "unknown", "before_known_history"
    pending = log.pending(one.revision["task_id"], effective)
    if is_counted_out(one) and pending in (None, "not_logged"):
        # Of an outage, nothing is recorded once max_runs is used up.
        if evidence.counted.get(one.revision["generation"], 0) >= (one.limit or 0):
            return "ended", "max_runs"
        return ("unknown", "not_counted") if pending is None else ("pending", pending)
    return ("unaccounted", None) if pending is None else ("pending", pending)


def is_counted_out(one: DefinitionInForce) -> bool:
    """Whether nothing was left of a definition because all runs that it allows were emitted."""
    return one.finish is not None and one.finish["reason"] == "max_runs"
