"""PURE. Collection `runs`: the execution log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NotRequired, TypedDict

from tasker_core.chains.links import FinalOutcome
from tasker_core.ids import Kind
from tasker_core.messages.runs import Outcome
from tasker_core.run_states import RUN_STATES, RunState

TICKER: Final = "ticker"
"""The worker of a run that the ticker has ended."""
MAX_ATTEMPTS: Final = 100
"""So many attempts are kept besides the one shown: a document must not grow for ever."""
ANY_STATE: Final[Mapping[Literal["$in"], Sequence[RunState]]] = {"$in": RUN_STATES}
"""A filter by `state` that lets all pass, for reads by time alone.

MongoDB then merges the ranges of the index `by_state`, each of which is in the order of time. Another index, by time
alone, would cost its CPU for each logged run.
"""


class RunErrorDocument(TypedDict):
    """Why an attempt failed: a word for programs and a sentence for people."""

    kind: str
    message: str


class PredecessorDocument(TypedDict):
    """The run whose end started another one; `chain`: the tasks that led to that one, first to last."""

    task_id: str
    run_id: str
    nominal_at: datetime
    outcome: FinalOutcome
    chain: list[str]


class AttemptDocument(TypedDict):
    """An attempt besides the one that the run shows."""

    attempt: int
    outcome: Outcome
    started_at: datetime | None
    finished_at: datetime | None
    error: RunErrorDocument | None
    worker: str


class FirstAttemptDocument(TypedDict):
    """What is measured of a first attempt that the run does not show any more, or soon will not."""

    lane: Literal["live", "background"]
    emitted_at: datetime
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime
    logged_at: datetime


class RunContent(TypedDict):
    """A run as it was reported; `logged_at` is added when it is written."""

    _id: str
    task_id: str
    task_name: str
    generation: int
    version: int
    kind: Kind
    lane: Literal["live", "background"]
    nominal_at: datetime
    effective_at: datetime
    emitted_at: datetime
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: int
    attempts: list[AttemptDocument]
    """Earlier or later attempts besides the one shown."""
    state: RunState
    retry_at: datetime | None
    """While `retrying`: when the next attempt is due; while `waiting`: when its callback must have come.

    Absent in documents of earlier releases.
    """
    handler: str
    payload_json: str
    result_json: str
    error: RunErrorDocument | None
    worker: str
    after: NotRequired[PredecessorDocument]
    """Only of a chained run, as the next one."""
    after_run_id: NotRequired[str]
    """That of `after`, for the index."""
    seen: NotRequired[int]
    """The log sink's own, only where the ticker ended the run: how far executors had brought it."""


class RunDocument(RunContent):
    """A run. `_id` is its id. The first final outcome stands."""

    logged_at: datetime
    first_attempt: NotRequired[FirstAttemptDocument]
    """Of a scheduled run that is tried again; absent in documents of earlier releases."""


RunField = Literal[
    "_id",
    "task_id",
    "task_name",
    "generation",
    "version",
    "kind",
    "lane",
    "nominal_at",
    "effective_at",
    "emitted_at",
    "received_at",
    "started_at",
    "finished_at",
    "logged_at",
    "attempt",
    "attempts",
    "state",
    "retry_at",
    "handler",
    "payload_json",
    "result_json",
    "error",
    "worker",
    "after",
    "after_run_id",
    "seen",
    "first_attempt",
]
