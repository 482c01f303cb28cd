"""Whatever a handler returns or says of its failure, its outcome can be reported."""

from datetime import datetime, timedelta, tzinfo
from typing import Any, cast

import pytest

from tasker_core.handlers.result import MAX_RESULT_BYTES
from tasker_core.kafka_record import Record
from tasker_core.messages.runs import decode_result
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.execution.outcome import (
    MAX_KIND_CHARACTERS,
    AttemptOutcome,
    failed,
    succeeded,
)
from tasker_executor.partition.job import Job
from tasker_executor.partition.offsets import OffsetTracker
from tasker_executor.partition.partition import LanePartition
from tasker_executor.reporting.result_messages import run_finished
from tasker_executor.testing.target_server import run_of

HALF = "\ud800"


class Nowhere(tzinfo):
    """A zone that raises when it is asked."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        raise ZeroDivisionError("nowhere")


TRAP = datetime(2026, 1, 1, tzinfo=Nowhere())


def reported(outcome: AttemptOutcome) -> Any:
    job = Job(LanePartition("live", OffsetTracker(None)), Record("t", 0, 0, 0, None, b"", ()), run_of(None), 0, 1)
    return decode_result(run_finished(job, outcome, 0, 1, "worker"))


@pytest.mark.parametrize(
    ("result", "kind"),
    [(object(), "result_not_json"), (HALF, "result_not_json"), ("x" * MAX_RESULT_BYTES, "result_too_large")],
)
def test_a_result_that_cannot_be_encoded_is_a_failure_that_says_so(result: object, kind: str) -> None:
    end = reported(succeeded(result))
    assert (end.outcome, end.error.kind, bytes(end.result)) == ("failed", kind, b"null")


@pytest.mark.parametrize("result", [object(), HALF, "x" * MAX_RESULT_BYTES, TRAP])
def test_a_failure_is_reported_without_a_result_that_cannot_be_encoded(result: object) -> None:
    end = reported(failed(AttemptFailed("kind", "message", result)))
    assert (end.error.kind, end.error.message, bytes(end.result)) == ("kind", "message", b"null")


@pytest.mark.parametrize("kind", ["x" * 5_000_000, HALF, 42, None])
def test_the_kind_of_a_failure_is_a_word_whatever_the_handler_says(kind: object) -> None:
    end = reported(failed(AttemptFailed(cast("str", kind), f"m{HALF}" + "x" * 5_000_000)))
    assert len(end.error.kind) <= MAX_KIND_CHARACTERS
    assert end.error.message.startswith("m?xxx")
