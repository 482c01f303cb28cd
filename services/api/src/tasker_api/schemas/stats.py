"""The HTTP shapes of statistics: how well the promise is kept, and how the runs of a task go."""

from pydantic import BaseModel, ConfigDict, Field

from tasker_api.schemas.runs import RunErrorInfo
from tasker_core.messages.runs import Outcome
from tasker_core.statistics.first_attempt import Stage
from tasker_core.time.instant import Instant


class DurationSummary(BaseModel):
    """Milliseconds. Percentiles are within 5 % of the true value, the worst is exact."""

    p50_ms: float
    p99_ms: float
    worst_ms: int


class SlowStage(BaseModel):
    """The stage whose 99th percentile is the greatest, and what that means."""

    stage: Stage
    p99_ms: float
    text: str


class PromiseCounts(BaseModel):
    """Of scheduled runs, by their first attempts: how many ended (`promised`), how many of them were logged within 10 s
    of when they were due (`kept`), their `share` (null: none was due), and how many were `recovered` after an outage.

    `outcomes`: how runs of all kinds ended. `lateness`: from due to logged, without the time of the handler.
    """

    promised: int
    kept: int
    share: float | None
    recovered: int
    outcomes: dict[Outcome, int]
    lateness: DurationSummary | None


class PromiseBucket(PromiseCounts):
    """What was due in [at, until)."""

    at: Instant
    until: Instant


class RunsLookedAt(BaseModel):
    """Of a single task the newest runs are looked at, at most 1,000: since which effective time.

    `complete`: whether these are all that are in the log.
    """

    model_config = ConfigDict(title="LookedAt")

    runs: int
    since: Instant | None
    complete: bool


class PromiseResponse(PromiseCounts):
    """How well the promise was kept for what was due in [from, to), as far as it is counted.

    `text` says it in words. `broken`: of the runs that were logged later, in which stage most of the time was lost.
    `missed`: ranges of nominal times that did not run, by reason; null where that is not told (by handler).
    `looked_at` only of a single task.
    """

    model_config = ConfigDict(title="Promise", populate_by_name=True)

    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")
    text: str
    broken: dict[Stage, int]
    missed: dict[str, int] | None
    stages: dict[Stage, DurationSummary]
    slowest_stage: SlowStage | None
    bucket: str
    buckets: list[PromiseBucket]
    looked_at: RunsLookedAt | None
    notes: list[str]


class TaskCount(BaseModel):
    """How many tasks; `is_more`: there are others, which are not counted."""

    count: int
    is_more: bool


class TaskCounts(BaseModel):
    """How many tasks there are of some sorts, without Tasker's own canaries.

    `failing`: with a failure at least since their last success; `late`: active, and due more than 10 s
    ago without a run in the log, be it the last one;
    `paused_by_failures`: which have paused themselves.
    """

    active: TaskCount
    paused: TaskCount
    finished: TaskCount
    failing: TaskCount
    late: TaskCount
    paused_by_failures: TaskCount


class FailureInfo(BaseModel):
    """A run that failed."""

    model_config = ConfigDict(title="Failure")

    run_id: str
    nominal_at: Instant
    finished_at: Instant | None
    attempt: int
    error: RunErrorInfo | None


class StreakInfo(BaseModel):
    """How the newest run ended, and how many failed since the newest success; what was cancelled or skipped counts for
    nothing."""

    model_config = ConfigDict(title="Streak")

    last_outcome: Outcome | None
    failures: int


class TaskStatsResponse(PromiseCounts):
    """How the newest runs of a task went (`looked_at`).

    `success_rate`: of those that succeeded or failed; null without any. `duration`: of their last attempts, from start
    to end. `last_failures`: the newest five. `streak`: null of a task that is deleted.
    """

    model_config = ConfigDict(title="TaskStats")

    task_id: str
    text: str
    looked_at: RunsLookedAt
    success_rate: float | None
    duration: DurationSummary | None
    stages: dict[Stage, DurationSummary]
    slowest_stage: SlowStage | None
    last_failures: list[FailureInfo]
    streak: StreakInfo | None
