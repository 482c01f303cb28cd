"""The document of a run, by example: the first final outcome, and each other attempt once."""

from functools import reduce
from itertools import permutations, product
from typing import Any

import pytest
from msgspec import Raw

from tasker_core.chains.links import Predecessor
from tasker_core.documents.runs import MAX_ATTEMPTS, AttemptDocument, RunContent
from tasker_core.messages.runs import Outcome
from tasker_core.run_states import RUN_STATES, RunState, is_legal
from tasker_log_sink.consuming.decoding import decode_record
from tasker_log_sink.projection.batch_projection import StoredDocuments, project
from tasker_log_sink.projection.runs import is_first_report, merge_run
from tasker_log_sink.testing.messages import at, ended, finished, started, when
from tasker_log_sink.testing.stores import InMemoryStore

RETRYING: dict[str, Any] = {"outcome": "failed", "retry_at": at(30), "error": {"kind": "exit", "message": "no"}}


def document(message: bytes) -> RunContent:
    run = decode_record("results" if b'"run.' in message else "verdicts", message).run
    assert run is not None
    return run


def after(*messages: bytes) -> RunContent:
    """The run after messages in their order."""
    return reduce(merge_run, map(document, messages))


def kind(shown: RunContent | AttemptDocument) -> str | None:
    return None if shown["error"] is None else shown["error"]["kind"]


def report(state: RunState, attempt: int) -> bytes:
    """An executor's report of a run in this state."""
    if state == "running":
        return started("r", "t", 3, 20, attempt=attempt)
    if state == "waiting":
        return started("r", "t", 3, 20, attempt=attempt, waiting_until=at(60))
    if state == "retrying":
        return finished("r", "t", 3, 20, attempt=attempt, **RETRYING)
    return finished("r", "t", 3, 20, attempt=attempt, outcome=state)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (finished("r", "t", 3, 20), True),
        (finished("r", "t", 3, 20, outcome="skipped", started_at=None), True),
        (finished("r", "t", 3, 20, outcome="failed", error={"kind": "exit", "message": "no"}), True),
        (started("r", "t", 3, 20), True),
        (finished("r", "t", 3, 20, finished_at=at(22)), False),  # a second after its start it was reported
        (started("r", "t", 3, 20, waiting_until=at(60)), False),
        (finished("r", "t", 3, 20, attempt=2), False),
        (ended("r", "t", 3, 20, attempt=1), False),
    ],
)
def test_a_report_shows_whether_it_is_the_first_one(message: bytes, *, expected: bool) -> None:
    assert is_first_report(document(message)) == expected


def test_a_chained_run_says_where_it_comes_from_also_when_the_ticker_ends_it() -> None:
    before = Predecessor("s", "q", at(1), "succeeded")
    chained: dict[str, Any] = {"kind": "chained", "after": before, "chain": ("x", "s")}
    retrying = finished("r", "t", 3, 20, attempt=1, **RETRYING, **chained)
    expected = {"task_id": "s", "run_id": "q", "nominal_at": when(1), "outcome": "succeeded", "chain": ["x", "s"]}
    for run in (after(retrying), *(after(*order) for order in permutations([retrying, ended("r", "t", 3, 20)]))):
        assert (run.get("after"), run.get("after_run_id")) == (expected, "q")
    assert "after" not in document(finished("r", "t", 3, 20))


@pytest.mark.parametrize("states", list(product(RUN_STATES, RUN_STATES)), ids="-".join)
async def test_every_pair_of_states_moves_as_the_table_says(states: tuple[RunState, RunState]) -> None:
    for attempt, new_attempt in product((1, 2, 3), repeat=2):
        (state, new_state), store = states, InMemoryStore()
        for second, message in enumerate((report(state, attempt), report(new_state, new_attempt))):
            await store.apply([], [decode_record("results", message)], when(second))
        run = store.documents["runs"]["r"]
        moved = is_legal(state, attempt, new_state, new_attempt)
        assert (run["state"], run["attempt"]) == ((new_state, new_attempt) if moved else (state, attempt)), new_attempt
        assert run["logged_at"] == when(1 if moved else 0)


@pytest.mark.parametrize("state", RUN_STATES)
@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_what_the_ticker_ends_is_final_unless_it_had_ended_before(state: RunState, outcome: Outcome) -> None:
    run = after(report(state, 1), ended("r", "t", 3, 20, outcome=outcome))
    assert run["state"] == (outcome if is_legal(state, 1, outcome, 2) else state)
    late = after(ended("r", "t", 3, 20, outcome=outcome), report(state, 1))
    assert (late["state"], late["attempt"]) == (outcome, 2)


def test_a_run_that_waits_is_shown_so_until_its_end() -> None:
    waits = started("r", "t", 3, 20, waiting_until=at(60))
    end = finished("r", "t", 3, 20)
    gone = ended("r", "t", 3, 20, attempt=1, started_at=at(20.2))
    assert (after(waits)["state"], after(waits)["retry_at"]) == ("waiting", when(60))
    for messages in permutations((started("r", "t", 3, 20), waits, end)):
        assert (after(*messages)["state"], after(*messages)["attempts"]) == ("succeeded", [])
    for messages in permutations((waits, gone)):
        run = after(*messages)
        assert (run["state"], run["started_at"], run["attempts"]) == ("cancelled", when(20.2), [])
        assert run["error"] == {"kind": "cancelled", "message": "cancelled while it waited for its callback"}


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


def test_what_the_ticker_ends_keeps_what_executors_reported_whichever_comes_first() -> None:
    payload = Raw(b'{"n":1}')
    reports = [
        started("r", "t", 3, 20, payload=payload),
        finished("r", "t", 3, 20, payload=payload, result=Raw(b"[1]"), **RETRYING),
        finished("r", "t", 3, 20, payload=payload, attempt=2, **(RETRYING | {"finished_at": at(31)})),
    ]
    last = ended("r", "t", 3, 20, attempt=3)
    run = after(*reports, last)
    assert (run["state"], run["attempt"], kind(run), run["retry_at"]) == ("cancelled", 3, "cancelled", None)
    assert (run["started_at"], run["finished_at"], run["payload_json"]) == (None, when(24), '{"n":1}')
    assert [(a["attempt"], a["outcome"], kind(a)) for a in run["attempts"]] == [
        (1, "failed", "exit"),
        (2, "failed", "exit"),
    ]
    for early in range(len(reports)):
        assert after(*reports[:early], last, *reports[early:]) == run, early
        assert after(*reports[:early], last, *reports[early:], *reports, last) == run, early


def test_what_the_ticker_ends_shows_the_stages_of_the_last_report_in_any_order() -> None:
    first = finished("r", "t", 3, 20, **RETRYING)
    second = finished("r", "t", 3, 20, attempt=2, emitted_at=at(30), received_at=at(31), lane="background", **RETRYING)
    end = ended("r", "t", 3, 20, attempt=3)
    early = after(first, end)
    assert (early["lane"], early["emitted_at"], early["received_at"]) == ("live", when(20), when(20.1))
    for messages in permutations((first, second, end)):
        run = after(*messages)
        assert (run["state"], run["attempt"], run["worker"]) == ("cancelled", 3, "ticker")
        assert (run["lane"], run["emitted_at"], run["received_at"]) == ("background", when(30), when(31))
        assert sorted(a["attempt"] for a in run["attempts"]) == [1, 2]


async def test_a_report_that_changes_nothing_writes_nothing() -> None:
    store, records = InMemoryStore(), [decode_record("results", finished("r", "t", 3, 20))]
    await store.apply([], records, when(1))
    batch = project(records, StoredDocuments(runs=store.documents["runs"]), when(2))
    assert (batch.changes["runs"].inserts, batch.changes["runs"].updates) == ([], [])


def test_attempts_do_not_grow_for_ever() -> None:
    many = [finished("r", "t", 3, 20, worker=f"w{n}") for n in range(MAX_ATTEMPTS + 50)]
    assert len(after(*many)["attempts"]) == MAX_ATTEMPTS


async def test_a_run_that_tells_somebody_is_logged_and_is_of_no_task() -> None:
    store = InMemoryStore()
    messages = [
        finished("x", "tasker-alerts.d.0", 1, 20, kind="alert", **RETRYING),
        finished("x", "tasker-alerts.d.0", 1, 20, kind="alert", attempt=2),
    ]
    progress = await store.apply([], [decode_record("results", message) for message in messages], when(50))
    progress |= await store.apply([], [decode_record("verdicts", ended("y", "t", 1, 20, kind="alert"))], when(50))
    stored = await store.all()
    assert (progress, stored["tasks"]) == ({}, {})
    assert (stored["runs"]["x"]["kind"], stored["runs"]["x"]["state"]) == ("alert", "succeeded")
    assert stored["runs"]["y"]["kind"] == "alert"
