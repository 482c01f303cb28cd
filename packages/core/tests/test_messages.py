"""Messages: what is written is what is read, and absent means default."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from tasker_core.messages.base import NULL, Message, encode
from tasker_core.messages.runs import (
    Cancel,
    Policy,
    Run,
    RunError,
    RunFinished,
    RunStarted,
    decode_due,
    decode_result,
    decode_run,
)
from tasker_core.messages.verdicts import Ended, Finished, Missed, Removed, Verdict, decode_verdict
from tasker_core.messages.watermark import Burst, CatchUp, Watermark, decode_watermark

AT = "2026-01-01T12:00:00.000Z"
BASE: dict[str, Any] = {
    "run_id": "r",
    "task_id": "t",
    "task_name": "T",
    "generation": 1,
    "version": 2,
    "nominal_at": AT,
    "effective_at": AT,
    "emitted_at": AT,
}
RUN = Run(**BASE, payload=Raw(b'{"a":[1,null]}'), policy=Policy(timeout="PT5S"), next_at=AT)
FINISHED = RunFinished(
    **BASE,
    outcome="failed",
    received_at=AT,
    finished_at=AT,
    worker="w",
    error=RunError(kind="k", message="m"),
    result=Raw(b"1"),
)
VERDICTS = [
    Verdict(event_id="e", event_type="put", task_id="t", verdict="accepted", task=Raw(b'{"id":"t"}'), errors=[]),
    Verdict(event_id="e", event_type="x", task_id="t", verdict="rejected", errors=[{"pointer": "/a", "message": "m"}]),
    Missed(task_id="t", generation=1, version=2, reason="coalesced", from_=AT, to=AT),
    Ended(
        run_id="r",
        task_id="t",
        task_name="T",
        generation=1,
        version=2,
        nominal_at=AT,
        effective_at=AT,
        attempt=3,
        outcome="cancelled",
        reason="deleted",
        ended_at=AT,
    ),
    Finished(task_id="t", generation=1, version=2, reason="once", last_nominal=AT),
    Removed(task_id="t", generation=1, version=2),
    Removed(task_id="t", generation=1, version=2, removed_at=AT),
]


@pytest.mark.parametrize("message", VERDICTS, ids=lambda m: type(m).__name__)
def test_verdicts_come_back_as_they_were(message: Message) -> None:
    assert decode_verdict(encode(message)) == message


def test_runs_and_results_come_back_as_they_were() -> None:
    for due in (RUN, Cancel(task_id="t"), Cancel(task_id="t", run_id="r")):
        assert decode_due(encode(due)) == due
    assert decode_result(encode(FINISHED)) == FINISHED
    started = RunStarted(**BASE, received_at=AT, started_at=AT, worker="w")
    assert decode_result(encode(started)) == started


def test_a_watermark_comes_back_as_it_was() -> None:
    mark = Watermark(
        time=AT,
        next_offset=4,
        burst=Burst(second=AT, after_task="t"),
        catch_up=[CatchUp(from_=AT, to=AT)],
        turn=3,
        owner="o",
        held=7,
        version="1.2.3",
        clock_offset_ms=-40,
    )
    assert decode_watermark(encode(mark)) == mark


def test_what_is_default_is_left_out_and_unknown_fields_are_ignored() -> None:
    bare = msgspec.json.decode(encode(Run(**BASE)))
    assert bare.keys() == BASE.keys() | {"type"}
    assert bare["type"] == "run"
    assert decode_run(encode(bare | {"from_the_future": 1})).payload == NULL
