"""Events with very much wrong in them: the answer fits one record, and comes without looking at each of a million."""

import json
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from tasker_core import ids
from tasker_core.events.event_data import MAX_RUN_BYTES
from tasker_core.events.task_event import Rejection, RetryEvent, parse_event

MAX_ANSWER_BYTES = 512 * 1024
AT = "2026-01-01T00:00:00Z"
LONG = f"2026-01-01T00:00:00.{'0' * 1_000_000}Z"
SCHEDULE = {"cron": "0 9 * * *"}
AFTER = {"task_id": "b", "run_id": "0" * 32, "nominal_at": AT, "outcome": "failed"}
RUN = {
    "type": "run",
    "run_id": "0" * 32,
    "task_id": "a",
    "task_name": "a",
    "generation": 1,
    "version": 1,
    "nominal_at": AT,
    "effective_at": AT,
    "emitted_at": AT,
}


def put(**fields: Any) -> dict[str, Any]:
    return {"type": "put", "task": {"id": "a", "schedule": SCHEDULE} | fields}


def rejection(event: dict[str, Any]) -> Rejection:
    found = parse_event(json.dumps(event).encode(), [], None)
    assert isinstance(found, Rejection)
    return found


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (put(tags=[""] * 100_000), "/tags"),
        (put(then=[{"task": ""}] * 20_000), "/then"),
        (put(schedule={"cron": "0 9 * * *", "exclude": ["x"] * 100_000}), "/schedule/exclude"),
        (put(schedule={"any": [{"cron": ""}] * 50_000}), "/schedule/any"),
        ({"type": "backfill", "task_id": "a", "times": ["x"] * 100_000}, "/times"),
        ({"type": "chain", "task_id": "a", "after": AFTER, "chain": [""] * 200_000}, "/chain"),
    ],
)
def test_a_list_that_is_too_long_is_one_error(event: dict[str, Any], pointer: str) -> None:
    (error,) = rejection(event).errors
    assert error.pointer == pointer
    assert "entries; at most" in error.message


def test_of_a_chain_that_is_too_long_no_entry_is_looked_at() -> None:
    with patch.object(ids, "is_task_id", wraps=ids.is_task_id) as looked_at:
        rejection({"type": "chain", "task_id": "a", "after": AFTER, "chain": [""] * 200_000})
    assert looked_at.call_count < 10


@pytest.mark.parametrize(
    "event",
    [
        {"type": "pause", "task_id": "a"} | {f"x{number}": 1 for number in range(20_000)},
        {"type": "pause", "task_id": "a", "~" * 900_000: 1},
        {"type": "\x80" * 400_000, "task_id": "a"},
        put(handler="http", payload={"url": "https://example.com", "expect": [""] * 15_000}),
        put(handler="x" * 90, payload="x" * 900_000, **{f"x{number}": 1 for number in range(20_000)}),
    ],
)
def test_the_reasons_fit_a_record(event: dict[str, Any]) -> None:
    errors = rejection(event).errors
    assert len(msgspec.json.encode([error.model_dump() for error in errors])) < MAX_ANSWER_BYTES


def test_how_many_errors_are_left_out_is_told() -> None:
    errors = rejection({"type": "pause", "task_id": "a"} | {f"x{number}": 1 for number in range(1_060)}).errors
    assert len(errors) == 51
    assert errors[0].pointer == "/x0"
    assert (errors[-1].pointer, errors[-1].message) == ("", "and 1,010 more errors")


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({"type": "chain", "task_id": "a", "after": AFTER | {"nominal_at": LONG}, "chain": ["b"]}, "/after/nominal_at"),
        ({"type": "wait", "run": RUN, "until": AT, "received_at": LONG, "started_at": AT}, "/received_at"),
    ],
)
def test_an_instant_with_a_million_digits_is_none(event: dict[str, Any], pointer: str) -> None:
    (error,) = rejection(event).errors
    assert error.pointer == pointer


@pytest.mark.parametrize(
    "event",
    [
        {"type": "retry", "attempt": 2, "retry_at": AT},
        {"type": "wait", "until": AT, "received_at": AT, "started_at": AT},
    ],
)
def test_a_run_that_no_ticker_can_have_emitted_is_not_kept(event: dict[str, Any]) -> None:
    (error,) = rejection(event | {"run": RUN | {"payload": "x" * MAX_RUN_BYTES}}).errors
    assert error.pointer == "/run"
    assert "no run has more than" in error.message


def test_a_run_of_the_largest_task_is_taken() -> None:
    run = RUN | {"payload": "x" * 64_000, "task_name": "n" * 200, "chain": ["c" * 128] * 20}
    event = {"type": "retry", "run": run, "attempt": 2, "retry_at": "2026-01-01T00:00:10Z"}
    assert isinstance(parse_event(json.dumps(event).encode(), [], None), RetryEvent)
