"""PURE. The promise: a scheduled run is executed and logged within 10 s of when it was due.

What is measured is the first attempt, from the effective time to the log, without the time that its handler took: the
schedule's own spread is no lateness, nor is what the handler does Tasker's work. Later attempts, and runs that were
triggered, chained or backfilled, were promised for no time. What was emitted late after an outage was promised all the
same.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from tasker_core.documents.runs import MAX_ATTEMPTS, TICKER, FirstAttemptDocument, RunContent, RunDocument
from tasker_core.ids import Kind
from tasker_core.time.instant import to_ms

PROMISE_MS: Final = 10_000
Stage = Literal["emission", "delivery", "waiting", "execution", "logging"]
STAGES: Final[tuple[Stage, ...]] = ("emission", "delivery", "waiting", "execution", "logging")
"""Due to emitted, to received by an executor, to started, to finished, to logged."""
PROMISED_STAGES: Final[tuple[Stage, ...]] = ("emission", "delivery", "waiting", "logging")
"""Those that make up the lateness."""
COUNTED_KINDS: Final[frozenset[Kind]] = frozenset({"scheduled", "manual", "backfill", "chained"})
"""Runs of other kinds are Tasker's own and in no statistics."""
_MS: Final = timedelta(milliseconds=1)


class FirstAttempt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The end of the first attempt of a scheduled run, as executors report it; durations in ms.

    `is_recovered`: it was emitted late, in the background lane, after an outage. `execution` is None for what was
    skipped or cancelled before it started: that has waited to its end.
    """

    due_ms: int
    handler: str
    partition: int
    is_recovered: bool
    emission: int
    delivery: int
    waiting: int
    execution: int | None

    def logging(self, logged_ms: int) -> int:
        """From finished to logged, in ms."""
        return logged_ms - self.due_ms - self.emission - self.delivery - self.waiting - (self.execution or 0)

    def lateness(self, logged_ms: int) -> int:
        """From due to logged, without the time of the handler, in ms."""
        return logged_ms - self.due_ms - (self.execution or 0)


def first_attempt(run: RunContent, partition: int) -> FirstAttempt | None:
    """What a report of a run says of its promise; None when it says nothing."""
    if run["kind"] != "scheduled" or run["attempt"] != 1 or (finished := run["finished_at"]) is None:
        return None
    return _measured(run, run, finished, partition)


def logged_first_attempt(run: RunDocument, partition: int) -> tuple[FirstAttempt, int] | None:
    """The first attempt of a run in the log, and when it was logged (epoch ms).

    None where there is none: also of a run that was tried again under an earlier release, whose first attempt is not
    known whole.
    """
    if run["kind"] != "scheduled":
        return None
    if (first := run.get("first_attempt")) is not None:
        return _measured(run, first, first["finished_at"], partition), to_ms(first["logged_at"])
    if run["worker"] == TICKER or (found := first_attempt(run, partition)) is None:
        return None
    return found, to_ms(run["logged_at"])


def has_first_end(run: RunContent) -> bool:
    """Whether the end of a run's first attempt is known of it already (or has fallen out of too many attempts)."""
    if run["attempt"] == 1 and run["finished_at"] is not None and run["worker"] != TICKER:
        return True
    attempts = run["attempts"]
    return any(one["attempt"] == 1 for one in attempts) or len(attempts) >= MAX_ATTEMPTS


def _measured(
    run: RunContent, times: RunContent | FirstAttemptDocument, finished: datetime, partition: int
) -> FirstAttempt:
    due, received, started = run["effective_at"], times["received_at"], times["started_at"]
    visible = max(due, times["emitted_at"])  # what is prepared early is committed when it is due
    return FirstAttempt(
        _due_ms(due),
        run["handler"],
        partition,
        times["lane"] != "live",
        (visible - due) // _MS,
        (received - visible) // _MS,
        ((finished if started is None else started) - received) // _MS,
        None if started is None else (finished - started) // _MS,
    )


# What is due in one second shares its instant.
_due_ms = lru_cache(maxsize=1024)(to_ms)
