"""The HTTP shapes of runs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from tasker_core.chains.links import FinalOutcome
from tasker_core.ids import Kind
from tasker_core.run_states import RunState
from tasker_core.time.instant import Instant

Lane = Literal["live", "background"]


class RunErrorInfo(BaseModel):
    """Why a run failed: a word for programs and a sentence for people."""

    kind: str
    message: str


class AfterInfo(BaseModel):
    """The run whose end has started a chained one; `chain`: the tasks that led to that, first to last, itself the last.

    Its result is `GET /api/v1/runs/{run_id}`.
    """

    model_config = ConfigDict(title="After")

    task_id: str
    run_id: str
    nominal_at: Instant
    outcome: FinalOutcome
    chain: list[str]


class AttemptResponse(BaseModel):
    """An attempt besides the one that the run shows."""

    model_config = ConfigDict(title="Attempt")

    attempt: int
    outcome: str
    started_at: Instant | None
    finished_at: Instant | None
    error: RunErrorInfo | None
    worker: str


class RunItem(BaseModel):
    """A run in a list: its stages from the nominal time to the log line.

    `retry_at` while it is `retrying`, `waiting_until` while it is `waiting`: when its callback must have come. `after`
    is the run whose end has started it (null: it is not of the kind `chained`).
    """

    id: str
    task_id: str
    task_name: str
    kind: Kind
    lane: Lane
    nominal_at: Instant
    effective_at: Instant
    emitted_at: Instant
    received_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    logged_at: Instant
    attempt: int
    state: RunState
    retry_at: Instant | None
    waiting_until: Instant | None
    handler: str
    error: RunErrorInfo | None
    worker: str
    version: int
    after: AfterInfo | None


class RunResponse(RunItem):
    """A run, whole."""

    model_config = ConfigDict(title="Run")

    payload: JsonValue
    result: JsonValue
    attempts: list[AttemptResponse]


class RunList(BaseModel):
    """One page of runs, newest first."""

    items: list[RunItem]
    next_cursor: str | None
