"""PURE. Decodes the records of the due topics: a run, a cancel, the reported end of a run, or none of them."""

from functools import lru_cache

import msgspec

from tasker_core.errors import TaskerError
from tasker_core.messages.runs import Cancel, ReportedEnd, RetryPolicy, Run, decode_due
from tasker_core.time.duration import parse_duration
from tasker_core.time.instant import parse_ms

MAX_AGE_MS = 24 * 3600 * 1000
MAX_FACTOR = 10.0
MAX_RECORD_BYTES = 256 * 1024
MAX_ATTEMPT = 1_000_000

# What is due in one second shares its instants, and all tasks share a few time-outs.
instant_ms = lru_cache(maxsize=4096)(parse_ms)


class UndecodableRecord(TaskerError):
    """A record that is neither a run nor a cancel; it can only become a dead letter."""


def decode_record(value: bytes | None) -> tuple[Run, float] | Cancel | ReportedEnd:
    """The run and its time-out in seconds, which runs to cancel, or how one has ended. Raises UndecodableRecord."""
    if value is None or len(value) > MAX_RECORD_BYTES:
        size = 0 if value is None else len(value)
        raise UndecodableRecord(f"{size} bytes where a run of at most {MAX_RECORD_BYTES} bytes should be")
    try:
        content = decode_due(value)
        if isinstance(content, Run):
            return content, _checked_timeout(content)
        if isinstance(content, ReportedEnd):
            _checked_timeout(content.run)
            for instant in (content.received_at, content.started_at, content.reported_at):
                instant_ms(instant)
        return content
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UndecodableRecord(str(error)) from error


def _checked_timeout(run: Run) -> float:
    """The time-out of a run in seconds. Raises ValueError for a run that could not be carried out or reported."""
    instant_ms(run.effective_at)
    instant_ms(run.emitted_at)
    if not 1 <= run.attempt <= MAX_ATTEMPT:
        raise ValueError(f"an attempt is numbered from 1 to {MAX_ATTEMPT}")
    if run.policy.retry is not None:
        _check(run.policy.retry)
    return _seconds(run.policy.timeout)


def too_old(run: Run, now_ms: int) -> bool:
    """Whether an attempt was emitted so long ago that it must not start any more."""
    return now_ms - instant_ms(run.emitted_at) > MAX_AGE_MS


@lru_cache(maxsize=1024)
def _seconds(timeout: str) -> float:
    return parse_duration(timeout).total_seconds()


@lru_cache(maxsize=1024)
def _check(retry: RetryPolicy) -> None:
    """Raises ValueError where the time of a next attempt could not be computed."""
    for duration in (retry.initial, retry.max, retry.max_age):
        parse_duration(duration)
    if not (1 <= retry.factor <= MAX_FACTOR and 0 <= retry.jitter <= 1):
        raise ValueError(f"a retry policy with the factor {retry.factor} and the jitter {retry.jitter}")
