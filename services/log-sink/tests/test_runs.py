"""What stands of a run, by example: the first final outcome, and each other attempt once."""

from functools import reduce
from typing import Any

from msgspec import Raw

from tasker_log_sink.consuming.decoding import read
from tasker_log_sink.projection.runs import MAX_ATTEMPTS, merge_run
from tasker_log_sink.testing.messages import at, ended, finished, started, when

RETRYING: dict[str, Any] = {"outcome": "failed", "retry_at": at(30), "error": {"kind": "exit", "message": "no"}}


def document(message: bytes) -> dict[str, Any]:
    run = read("results" if b'"run.' in message else "verdicts", message).run
    assert run is not None
    return run


def after(*messages: bytes) -> dict[str, Any]:
    """The run after messages in their order."""
    return reduce(merge_run, map(document, messages))


def test_a_result_fills_the_document() -> None:
    message = finished("r", "t", 3, 20, lane="background", kind="manual", payload=Raw(b'{"n": 1}'), result=Raw(b"[1]"))
    assert document(message) == {
        "_id": "r",
        "task_id": "t",
        "task_name": "v3",
        "generation": 3,
        "version": 3,
        "kind": "manual",
        "lane": "background",
        "nominal_at": when(20),
        "effective_at": when(20),
        "emitted_at": when(20),
        "received_at": when(20.1),
        "started_at": when(20.2),
        "finished_at": when(20.3),
        "attempt": 1,
        "attempts": [],
        "state": "succeeded",
        "retry_at": None,
        "handler": "default",
        "payload_json": '{"n": 1}',
        "result_json": "[1]",
        "error": None,
        "worker": "w",
    }


def test_a_start_that_comes_late_changes_nothing() -> None:
    final = finished("r", "t", 3, 20)
    assert after(started("r", "t", 3, 20), final) == after(final, started("r", "t", 3, 20)) == document(final)


def test_the_first_final_outcome_stands_and_a_later_one_is_an_attempt_once() -> None:
    first = finished("r", "t", 3, 20)
    second = finished("r", "t", 3, 20, outcome="failed", worker="v", finished_at=at(25))
    run = after(first, second, first, second, first)
    assert (run["state"], run["worker"]) == ("succeeded", "w")
    assert [(a["outcome"], a["worker"], a["finished_at"]) for a in run["attempts"]] == [("failed", "v", when(25))]


def test_attempts_lead_to_the_final_outcome() -> None:
    one = finished("r", "t", 3, 20, **RETRYING)
    two = started("r", "t", 3, 20, attempt=2)
    three = finished("r", "t", 3, 20, attempt=2, finished_at=at(31))
    assert (after(one)["state"], after(one)["attempts"]) == ("retrying", [])
    assert (after(one, two)["state"], after(one, two)["attempt"]) == ("running", 2)
    run = after(one, two, three)
    assert (run["state"], run["attempt"]) == ("succeeded", 2)
    assert [(a["attempt"], a["outcome"]) for a in run["attempts"]] == [(1, "failed")]
    assert after(one, two, three, one, two, three, one) == run


def test_a_retrying_run_says_until_when_and_only_then() -> None:
    one = finished("r", "t", 3, 20, **RETRYING)
    assert after(one)["retry_at"] == when(30)
    assert after(one, started("r", "t", 3, 20, attempt=2))["retry_at"] is None
    assert after(one, finished("r", "t", 3, 20, attempt=2))["retry_at"] is None


def test_what_the_ticker_ends_keeps_what_executors_told_whichever_comes_first() -> None:
    payload = Raw(b'{"n":1}')
    told = [
        started("r", "t", 3, 20, payload=payload),
        finished("r", "t", 3, 20, payload=payload, result=Raw(b"[1]"), **RETRYING),
        finished("r", "t", 3, 20, payload=payload, attempt=2, **(RETRYING | {"finished_at": at(31)})),
    ]
    last = ended("r", "t", 3, 20, attempt=3)
    run = after(*told, last)
    assert (run["state"], run["attempt"], run["error"]["kind"], run["retry_at"]) == ("cancelled", 3, "cancelled", None)
    assert (run["started_at"], run["finished_at"], run["payload_json"]) == (None, when(24), '{"n":1}')
    assert [(a["attempt"], a["outcome"], a["error"]["kind"]) for a in run["attempts"]] == [
        (1, "failed", "exit"),
        (2, "failed", "exit"),
    ]
    for early in range(len(told)):
        assert after(*told[:early], last, *told[early:]) == run, early
        assert after(*told[:early], last, *told[early:], *told, last) == run, early


def test_attempts_do_not_grow_for_ever() -> None:
    many = [finished("r", "t", 3, 20, worker=f"w{n}") for n in range(MAX_ATTEMPTS + 50)]
    assert len(after(*many)["attempts"]) == MAX_ATTEMPTS
