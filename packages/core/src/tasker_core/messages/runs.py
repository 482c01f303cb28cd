"""What the ticker asks of executors (due-tasks, due-background), and what they report (results)."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec import Raw

from tasker_core.chains.links import ChainLink, Predecessor
from tasker_core.ids import Kind
from tasker_core.messages.base import NULL, Message

Outcome = Literal["succeeded", "failed", "cancelled", "skipped"]
Overlap = Literal["allow", "skip", "queue_one", "queue_all", "replace"]


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """How often and when a failed run is tried again (retry.py). Durations are ISO 8601.

    `max_attempts` counts the first one; the pause grows from `initial` by `factor` up to `max`, of which the share
    `jitter` is spread; no attempt is due later than `max_age` after the effective time.
    """

    max_attempts: int = 1
    initial: str = "PT10S"
    factor: float = 2.0
    max: str = "PT1H"
    jitter: float = 0.1
    max_age: str = "P1D"


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a run is to be carried out. `timeout` is an ISO 8601 duration per attempt.

    `overlap` decides what happens to a run that is due while another one of its task is unfinished; `retry` (absent:
    none) what happens after a failure. Where there is `max_consecutive_failures`, the ticker counts,
    and executors report how runs other than backfilled ones end (event `outcome`); with `report_end` they report also
    what was cancelled or skipped. `then` are the tasks that executors start when the run has ended for good (event
    `chain`).
    """

    timeout: str = "PT1M"
    overlap: Overlap = "allow"
    retry: RetryPolicy | None = None
    max_consecutive_failures: int | None = None
    then: tuple[ChainLink, ...] | None = None
    report_end: bool = False


class Run(Message, frozen=True, kw_only=True, tag="run"):
    """One run to do now (due-tasks, due-background).

    `nominal_at` is what the schedule says, `emitted_at` when the ticker built this record, `next_at` the task's next
    nominal time (absent: none). `traceparent` is that of the event that defined the task or asked for this run, if
    it bore one whose trace is recorded: the run has a trace of its own, with its id, which links there. Of a chained
    run `after` is the one whose end started it, and `chain` are the tasks whose runs have started one another until it,
    first to last.
    """

    run_id: str
    task_id: str
    task_name: str
    generation: int
    version: int
    kind: Kind = "scheduled"
    nominal_at: str
    effective_at: str
    emitted_at: str
    next_at: str | None = None
    attempt: int = 1
    handler: str = "default"
    payload: Raw = NULL
    policy: Policy = Policy()
    traceparent: str | None = None
    after: Predecessor | None = None
    chain: tuple[str, ...] = ()


class Cancel(Message, frozen=True, kw_only=True, tag="cancel"):
    """Runs to be cancelled (due-tasks, due-background): one, or without `run_id` all unfinished ones of the task.

    It hits what was read before it in the same lane, and of the other one what is clearly older.
    """

    task_id: str
    run_id: str | None = None


class RunError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an attempt failed. `kind` is a word for programs, `message` a sentence for people."""

    kind: str
    message: str


class ReportedEnd(Message, frozen=True, kw_only=True, tag="reported"):
    """How an attempt ended that waited for its callback, in its lane; `run` to `started_at` are its executor's."""

    task_id: str
    run: Run
    outcome: Literal["succeeded", "failed"]
    received_at: str
    started_at: str
    reported_at: str
    result: Raw = NULL
    error: RunError | None = None


class RunStarted(Run, frozen=True, kw_only=True, tag="run.started"):
    """A run that is still going on a second after its start, or waits for its callback `waiting_until` (results)."""

    received_at: str
    started_at: str
    worker: str
    lane: Literal["live", "background"] = "live"
    waiting_until: str | None = None


class RunFinished(Run, frozen=True, kw_only=True, tag="run.finished"):
    """What became of an attempt (results). Without `retry_at` it is final."""

    outcome: Outcome
    retry_at: str | None = None
    received_at: str
    started_at: str | None = None
    finished_at: str
    result: Raw = NULL
    error: RunError | None = None
    worker: str
    lane: Literal["live", "background"] = "live"


decode_run = msgspec.json.Decoder(Run).decode
decode_due: Callable[[bytes], Run | Cancel | ReportedEnd] = msgspec.json.Decoder(Run | Cancel | ReportedEnd).decode
decode_result: Any = msgspec.json.Decoder(RunStarted | RunFinished).decode
