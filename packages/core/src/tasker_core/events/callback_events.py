"""Events about attempts whose end is reported later, by a callback. Instants are epoch seconds."""

from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from msgspec import Raw

from tasker_core.events.event_data import ReportData, WaitData, emission_ms
from tasker_core.events.event_origin import EventOrigin
from tasker_core.messages.base import NULL
from tasker_core.messages.runs import Run, RunError

NO_REASON: Final = "the callback reported a failure, and gave no reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEvent:
    """An attempt of a run has begun and waits for its callback, at the latest until `until`.

    `received_at`, `started_at`, `lane`: as its executor had it. `emitted_ms` (epoch milliseconds): when it was emitted.
    """

    origin: EventOrigin
    run: Run
    until: int
    received_at: str
    started_at: str
    lane: Literal["live", "background"] = "live"
    emitted_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEvent:
    """How an attempt of a run has ended, as its callback says."""

    origin: EventOrigin
    run_id: str
    attempt: int
    outcome: Literal["succeeded", "failed"]
    result: Raw
    error: RunError | None


def wait_event(origin: EventOrigin, data: WaitData, run: Run) -> WaitEvent:
    """The wait of an attempt of a run that a ticker may have emitted. Raises InvalidInput."""
    return WaitEvent(
        origin=origin,
        run=run,
        until=data.until,
        received_at=data.received_at,
        started_at=data.started_at,
        lane=data.lane,
        emitted_ms=emission_ms(origin.task_id, run),
    )


def refused_wait(origin: EventOrigin, run: Run) -> WaitEvent:
    """What is known of a malformed wait: the run that it is about. Raises InvalidInput when that is none."""
    emitted_ms = emission_ms(origin.task_id, run)
    return WaitEvent(
        origin=origin, run=run, until=0, received_at=run.emitted_at, started_at=run.emitted_at, emitted_ms=emitted_ms
    )


def report_event(origin: EventOrigin, data: ReportData) -> ReportEvent:
    """A report as it is kept. A failure always has an error."""
    error = None if data.error is None else RunError(data.error.kind, data.error.message)
    if data.outcome == "failed" and error is None:
        error = RunError("reported", NO_REASON)
    return ReportEvent(
        origin=origin,
        run_id=data.run_id,
        attempt=data.attempt,
        outcome=data.outcome,
        result=NULL if data.result is None else Raw(msgspec.json.encode(data.result)),
        error=error,
    )
