"""What a handler is given."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

Kind = Literal["scheduled", "manual", "backfill", "chained"]
P = TypeVar("P")
LOGGER: Final = "tasker.handler"
"""Handlers log below this name of the standard library's logging; the executor shows it with task and run."""


class After(msgspec.Struct, frozen=True, kw_only=True):
    """The run whose end started this one. Its result is at `GET /api/v1/runs/<run_id>` a moment later."""

    task_id: str
    run_id: str
    nominal_at: datetime
    outcome: Literal["succeeded", "failed"]


class AttemptSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What describes an attempt, in a form that can be sent to another process. `timeout` is in seconds."""

    task_id: str
    task_name: str
    run_id: str
    kind: Kind
    nominal_at: datetime
    effective_at: datetime
    attempt: int
    handler: str
    payload: msgspec.Raw
    timeout: float
    deadline: datetime
    traceparent: str | None = None
    after: After | None = None


class Progress(msgspec.Struct, frozen=True):
    """How far an attempt has come: the share that is `done` (0 to 1), and a word on it for people."""

    done: float
    message: str


@dataclass(slots=True)
class AttemptControl:
    """What goes back and forth between an attempt and its executor.

    `on_progress` is called for each progress, maybe in another thread. `thread_done` is resolved when a thread has
    ended, which may be long after anybody waited for it.
    """

    on_progress: Callable[[Progress], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    thread_done: "asyncio.Future[None] | None" = None

    def report(self, progress: Progress) -> None:
        """Report how far the attempt has come."""
        self.progress = progress
        self.on_progress(progress)


@dataclass(frozen=True, slots=True)
class Run(Generic[P]):
    """One attempt of a run.

    `run_id` is the same in each attempt: give it to others as the key that makes a repetition harmless, since a run may
    be begun again after a crash. `nominal_at` is the time that the schedule says, `effective_at` that with the spread;
    both are aware and in UTC. `attempt` counts from 1. `payload` is the task's, decoded: an instance of the model that
    the handler declares, else plain JSON values. `timeout` bounds this attempt, which ends at `deadline`. `traceparent`
    (W3C Trace Context) is of this attempt, in the run's own trace: what a handler records below it is found there.
    `after` is the run whose end started this one, where another task's `then` did that.
    """

    task_id: str
    task_name: str
    run_id: str
    kind: Kind
    nominal_at: datetime
    effective_at: datetime
    attempt: int
    handler: str
    payload: P
    timeout: timedelta
    deadline: datetime
    traceparent: str | None
    logger: logging.LoggerAdapter[logging.Logger]
    after: After | None = None
    control: AttemptControl = field(repr=False, compare=False, default_factory=AttemptControl)

    @property
    def cancelled(self) -> bool:
        """Whether the attempt is to stop: it was cancelled, or its time is over.

        An `async` handler gets `asyncio.CancelledError`, and the process of one in mode `process` is killed; only a
        handler in mode `thread` must look here, since a thread can't be stopped from outside.
        """
        return self.control.stop.is_set()

    def progress(self, done: float, message: str = "") -> None:
        """Report how far the attempt has come, as the share that is done (0 to 1).

        It is a line in the executor's log, and the last one is the result of an attempt that runs out of time. No sign
        of life is needed: an attempt lives until its time is over. Raises ValueError for another number.
        """
        if not 0 <= done <= 1:
            raise ValueError(f"progress is a share from 0 to 1, not {done}")
        self.control.report(Progress(done, message[:1_000]))


def run_of(spec: AttemptSpec, payload: Any, control: AttemptControl) -> Run[Any]:
    """The run that a handler is given."""
    about = {"task_id": spec.task_id, "run_id": spec.run_id, "handler": spec.handler}
    return Run(
        task_id=spec.task_id,
        task_name=spec.task_name,
        run_id=spec.run_id,
        kind=spec.kind,
        nominal_at=spec.nominal_at,
        effective_at=spec.effective_at,
        attempt=spec.attempt,
        handler=spec.handler,
        payload=payload,
        timeout=timedelta(seconds=spec.timeout),
        deadline=spec.deadline,
        traceparent=spec.traceparent,
        logger=logging.LoggerAdapter(logging.getLogger(f"{LOGGER}.{spec.handler}"), about),
        after=spec.after,
        control=control,
    )
