"""From statistics to HTTP shapes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Any, cast

from tasker_api.conversion.promise_text import SLOW, percent, promise_text
from tasker_api.queries.promise_window import PromiseWindow
from tasker_api.schemas.stats import (
    DurationSummary,
    FailureInfo,
    PromiseBucket,
    PromiseResponse,
    RunsLookedAt,
    SlowStage,
    StreakInfo,
    TaskStatsResponse,
)
from tasker_core.documents.runs import RunDocument
from tasker_core.documents.tasks import TaskDocument
from tasker_core.run_states import FINAL_STATES
from tasker_core.statistics.first_attempt import COUNTED_KINDS, PROMISED_STAGES, STAGES, Stage
from tasker_core.statistics.histogram import DurationHistogram
from tasker_core.statistics.logged_runs import logged_statistics
from tasker_core.statistics.run_statistics import Group, RunStatistics
from tasker_core.time.duration import format_duration
from tasker_core.time.instant import from_ms, to_ms

FAILURES = 5


def promise_response(
    window: PromiseWindow,
    whole: RunStatistics,
    buckets: Sequence[RunStatistics],
    missed: Mapping[str, int] | None,
    looked_at: RunsLookedAt | None = None,
) -> PromiseResponse:
    """How well the promise was kept in a window."""
    fields: dict[str, Any] = {"from": window.since, "to": window.until}
    return PromiseResponse(
        **fields,
        **_counts(whole),
        text=promise_text(whole, missed or {}),
        broken=cast("dict[Stage, int]", whole.broken),
        missed=None if missed is None else dict(missed),
        stages=_stages(whole),
        slowest_stage=_slowest(whole),
        bucket=format_duration(timedelta(minutes=window.bucket)),
        buckets=[
            PromiseBucket(at=from_ms(start * 60_000), until=from_ms(end * 60_000), **_counts(one))
            for (start, end), one in zip(window.buckets, buckets, strict=True)
        ],
        looked_at=looked_at,
        notes=window.notes,
    )


def runs_looked_at(runs: Sequence[RunDocument], *, complete: bool) -> RunsLookedAt:
    """Which runs of a task are looked at."""
    since = min((run["effective_at"] for run in runs), default=None)
    return RunsLookedAt(runs=len(runs), since=since, complete=complete)


def statistics_of_runs(runs: Sequence[RunDocument]) -> Mapping[Group, RunStatistics]:
    """What is counted of runs, by minute."""
    return logged_statistics(runs, lambda _: 0)


def in_buckets(
    groups: Mapping[Group, RunStatistics], window: PromiseWindow
) -> tuple[RunStatistics, list[RunStatistics]]:
    """What is counted in a window, and in each bucket of it."""
    buckets = [RunStatistics() for _ in window.buckets]
    first = window.start // window.bucket
    for (minute, _, _), one in groups.items():
        if window.start <= minute < window.end:
            buckets[minute // window.bucket - first].merge(one)
    return merged(buckets), buckets


def merged(parts: Sequence[RunStatistics]) -> RunStatistics:
    """All of them together."""
    whole = RunStatistics()
    for part in parts:
        whole.merge(part)
    return whole


def task_stats_response(
    task_id: str, task: TaskDocument | None, runs: Sequence[RunDocument], *, complete: bool
) -> TaskStatsResponse:
    """How the newest runs of a task went; `runs` are newest first."""
    runs = [run for run in runs if run["kind"] in COUNTED_KINDS]
    whole, looked_at = merged(list(statistics_of_runs(runs).values())), runs_looked_at(runs, complete=complete)
    outcomes: Mapping[str, int] = _counts(whole)["outcomes"]
    succeeded, failed = outcomes["succeeded"], outcomes["failed"]
    rate = succeeded / (succeeded + failed) if succeeded + failed else None
    return TaskStatsResponse(
        task_id=task_id,
        text=_task_text(looked_at, rate, succeeded + failed, whole),
        looked_at=looked_at,
        success_rate=rate,
        duration=_exact_summary([ms for run in runs if (ms := _duration(run)) is not None]),
        **_counts(whole),
        stages=_stages(whole),
        slowest_stage=_slowest(whole),
        last_failures=[_failure(run) for run in runs if run["state"] == "failed"][:FAILURES],
        streak=None if task is None else StreakInfo(last_outcome=task["last_outcome"], failures=task["failures"]),
    )


def _task_text(looked_at: RunsLookedAt, rate: float | None, ended: int, whole: RunStatistics) -> str:
    if not looked_at.runs:
        return "No run of this task is in the log."
    which = "all" if looked_at.complete else "the newest"
    some = f"Of {which} {looked_at.runs:,} runs in the log"
    if looked_at.runs == 1:
        how = "has neither succeeded nor failed" if rate is None else "succeeded" if rate else "failed"
        went = f"The one run in the log {how}"
    elif rate is None:
        went = f"{some} none has succeeded or failed"
    elif ended == looked_at.runs:
        went = f"{some} {percent(rate)} succeeded"
    else:
        went = f"{some} {ended:,} succeeded or failed, and {percent(rate)} of these succeeded"
    return f"{went}. {promise_text(whole, {})}"


def _counts(found: RunStatistics) -> dict[str, Any]:
    return {
        "promised": found.promised,
        "kept": found.kept,
        "share": found.kept / found.promised if found.promised else None,
        "recovered": found.recovered,
        "outcomes": {one: found.outcomes.get(one, 0) + found.backfilled.get(one, 0) for one in sorted(FINAL_STATES)},
        "lateness": _summary(found.measures["lateness"]),
    }


def _summary(histogram: DurationHistogram) -> DurationSummary | None:
    p50, p99 = histogram.percentile(0.5), histogram.percentile(0.99)
    if p50 is None or p99 is None:
        return None
    return DurationSummary(p50_ms=round(p50, 1), p99_ms=round(p99, 1), worst_ms=histogram.worst)


def _exact_summary(durations: Sequence[int]) -> DurationSummary | None:
    if not durations:
        return None
    ordered, last = sorted(durations), len(durations)
    p50, p99 = (float(ordered[ceil(share * last) - 1]) for share in (0.5, 0.99))
    return DurationSummary(p50_ms=p50, p99_ms=p99, worst_ms=ordered[-1])


def _stages(found: RunStatistics) -> dict[Stage, DurationSummary]:
    summaries: dict[Stage, DurationSummary] = {}
    for stage in STAGES:
        if (summary := _summary(found.measures[stage])) is not None:
            summaries[stage] = summary
    return summaries


def _slowest(found: RunStatistics) -> SlowStage | None:
    summaries = _stages(found)
    if not summaries:
        return None

    def p99_ms(stage: Stage) -> float:
        return summaries[stage].p99_ms

    slowest = max(PROMISED_STAGES, key=p99_ms)
    return SlowStage(stage=slowest, p99_ms=p99_ms(slowest), text=SLOW[slowest])


def _duration(run: RunDocument) -> int | None:
    started, finished = run["started_at"], run["finished_at"]
    if started is None or finished is None or run["state"] not in ("succeeded", "failed"):
        return None
    return to_ms(finished) - to_ms(started)


def _failure(run: RunDocument) -> FailureInfo:
    return FailureInfo.model_validate(
        {
            "run_id": run["_id"],
            "nominal_at": run["nominal_at"],
            "finished_at": run["finished_at"],
            "attempt": run["attempt"],
            "error": run["error"],
        }
    )
