"""What a handler is given."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

Kind = Literal["scheduled", "manual", "backfill"]
P = TypeVar("P")
LOGGER: Final = "tasker.handler"
"""Handlers log below this name of the standard library's logging; the executor shows it with task and run."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an attempt, in a form that can be sent to another process. `timeout` is in seconds."""

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


class Progress(msgspec.Struct, frozen=True):
    """How far an attempt has come: the share that is `done` (0 to 1), and a word on it for people."""

    done: float
    message: str


@dataclass(slots=True)
class Control:
    """What goes back and forth between an attempt and who carries it out.

    `told` is called for each progress, maybe in another thread. `rest` is done when a thread has come to its end, which
    may be long after anybody waited for it.
    """

    told: Callable[[Progress], None] = lambda _: None
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | None = None
    rest: "asyncio.Future[None] | None" = None

    def tell(self, progress: Progress) -> None:
        """Note how far the attempt has come."""
        self.progress = progress
        self.told(progress)


@dataclass(frozen=True, slots=True)
class Run(Generic[P]):
    """One attempt of a run.

    `run_id` is the same in each attempt: give it to others as the key that makes a repetition harmless, since a run may
    be begun again after a crash. `nominal_at` is the time that the schedule says, `effective_at` that with the spread;
    both are aware and in UTC. `attempt` counts from 1. `payload` is the task's, decoded: an instance of the model that
    the handler declares, else plain JSON values. `timeout` bounds this attempt, which ends at `deadline`.
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
    logger: logging.LoggerAdapter[logging.Logger]
    control: Control = field(repr=False, compare=False, default_factory=Control)

    @property
    def cancelled(self) -> bool:
        """Whether the attempt is to stop: it was cancelled, or its time is over.

        An `async` handler is told by `asyncio.CancelledError`, and the process of one in mode `process` is killed; only
        a handler in mode `thread` must look here, since a thread can't be stopped from outside.
        """
        return self.control.stop.is_set()

    def progress(self, done: float, message: str = "") -> None:
        """Tell how far the attempt has come, as the share that is done (0 to 1).

        It is a line in the executor's log, and the last one is the result of an attempt that runs out of time. No sign
        of life is needed: an attempt lives until its time is over. Raises ValueError for another number.
        """
        if not 0 <= done <= 1:
            raise ValueError(f"progress is a share from 0 to 1, not {done}")
        self.control.tell(Progress(done, message[:1_000]))


def run_of(facts: Facts, payload: Any, control: Control) -> Run[Any]:
    """The run that a handler is given."""
    about = {"task_id": facts.task_id, "run_id": facts.run_id, "handler": facts.handler}
    return Run(
        task_id=facts.task_id,
        task_name=facts.task_name,
        run_id=facts.run_id,
        kind=facts.kind,
        nominal_at=facts.nominal_at,
        effective_at=facts.effective_at,
        attempt=facts.attempt,
        handler=facts.handler,
        payload=payload,
        timeout=timedelta(seconds=facts.timeout),
        deadline=facts.deadline,
        logger=logging.LoggerAdapter(logging.getLogger(f"{LOGGER}.{facts.handler}"), about),
        control=control,
    )
