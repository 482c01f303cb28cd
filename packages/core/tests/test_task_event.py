"""Task events in their three forms, and what becomes of those that break the contract."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker_core.events.task_event import (
    BackfillEvent,
    CancelEvent,
    ChangeEvent,
    Rejection,
    RetryEvent,
    TaskEvent,
    parse_event,
)

TASK = {"id": "daily-report", "schedule": {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin"}}
Headers = list[tuple[str, bytes]]


def parsed(body: Any, headers: Headers | None = None, key: bytes | None = None) -> TaskEvent | Rejection:
    return parse_event(body if isinstance(body, bytes) else json.dumps(body).encode(), headers or [], key)


def errors(body: Any, key: bytes | None = None) -> dict[str, str]:
    found = parsed(body, key=key)
    assert isinstance(found, Rejection)
    return {e.pointer: e.message for e in found.errors}


def put(**changes: Any) -> dict[str, Any]:
    return {"type": "put", "task": TASK | changes}


def test_the_three_forms_say_the_same() -> None:
    data = {"task": TASK, "if_version": 3}
    short = parsed({"type": "put", "id": "e1", **data})
    structured = parsed({"specversion": "1.0", "type": "tasker.put", "source": "me", "id": "e1", "data": data})
    headers = [("ce_specversion", b"1.0"), ("ce_type", b"tasker.put"), ("ce_source", b"me"), ("ce_id", b"e1")]
    binary = parsed(data, headers=headers)
    for event in (short, structured, binary):
        assert isinstance(event, ChangeEvent)
        assert isinstance(event.origin.event_id, str)
        assert (event.type, event.if_version, event.origin.event_id) == ("put", 3, "e1")
        assert event.task is not None
        assert event.task.name == "daily-report"
    assert (short.origin.actor, structured.origin.actor, binary.origin.actor) == (None, "me", "me")


def test_what_is_wrong_is_named_with_its_place() -> None:
    assert errors(put(schedule={"cron": "99 * * * *"})).keys() == {"/schedule/cron"}
    assert errors(put(schedule={"cron": "0 0 30 2 *"})).keys() == {"/schedule/cron"}
    assert errors(put(schedule={"cron": "* * * * *", "timezone": "Mars/Base"})).keys() == {"/schedule/timezone"}
    assert errors(put(schedule={"at": "2026-01-01T12:00:00"})).keys() == {"/schedule/at"}
    assert errors(put(schedule={})).keys() == {"/schedule"}
    assert errors(put(schedule={"every": "P1M"})).keys() == {"/schedule/every"}
    assert errors(put(schedule={"every": "PT1M", "exclude": ["2026-12-25", "x"]})).keys() == {"/schedule/exclude/1"}
    assert errors(put(misfire={"policy": "most"})).keys() == {"/misfire/policy"}
    assert errors(put(misfire={"grace": "P8D", "max": 0})).keys() == {"/misfire/grace", "/misfire/max"}
    assert errors(put(overlap="never")).keys() == {"/overlap"}
    for failures in (0, 1001, "few"):
        assert errors(put(max_consecutive_failures=failures)).keys() == {"/max_consecutive_failures"}
    assert errors(put(retry={"max_attempts": 0, "max": "P2D"})).keys() == {"/retry/max_attempts", "/retry/max"}
    assert errors(put(colour="red"))["/colour"].startswith("unknown field")
    assert errors(put(handler="teleport")).keys() == {"/handler"}
    assert errors(put(handler="curl", payload="not a url")).keys() == {"/payload"}
    assert errors(put(handler="curl", payload={"uri": "x"})).keys() == {"/payload/uri", "/payload/url"}
    assert errors(put(payload="x" * 70_000)).keys() == {"/payload"}
    assert errors(put(tags=[str(n) for n in range(51)])).keys() == {"/tags"}
    assert errors(put(timeout="-PT1S")).keys() == {"/timeout"}
    assert errors({"type": "undo", "task_id": "a"})["/type"].endswith("calendar-delete, change-set")
    assert errors({"type": "pause", "task_id": "a", "extra": 1}).keys() == {"/extra"}
    assert errors({"type": "pause", "task_id": "a"}, key=b"b").keys() == {"/key"}
    assert errors({"type": "pause", "task_id": "a", "id": 7}).keys() == {"/id"}


def test_several_mistakes_are_told_at_once() -> None:
    wrong = put(schedule={"cron": "99 * * * *", "timezone": "Mars/Base"}, name=7, colour="red")
    assert {"/schedule/cron", "/schedule/timezone", "/name", "/colour"} <= errors(wrong).keys()


def test_the_key_names_the_task_when_the_event_does_not() -> None:
    assert errors({"type": "put", "task": {}}, key=b"some-task").keys() == {"/id", "/schedule"}


@given(st.binary(max_size=300))
def test_no_bytes_break_it_and_all_are_answered(value: bytes) -> None:
    found = parse_event(value, [], None)
    assert isinstance(found, Rejection)
    assert found.dead_letter
    assert found.errors


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["id", "name", "schedule", "tags", "payload", "handler", "timeout", "paused", "nonsense"])


# The first example of a recursive strategy is slow to draw on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(fields, json_values), st.sampled_from(["put", "trigger", "retry", "outcome", "backfill", "x", ""])
)
def test_no_json_breaks_it(task: dict[str, Any], word: str) -> None:
    found = parsed({"type": word, "task": task}, key=b"a-task")
    assert isinstance(found, TaskEvent | Rejection)


START, END = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.5+01:00"


def test_a_backfill_has_a_range_or_times() -> None:
    asked = parsed({"type": "backfill", "task_id": "a", "rate": 60, "start": START, "end": END})
    assert isinstance(asked, BackfillEvent)
    assert (asked.rate, asked.start, asked.end, asked.times) == (60, 1_767_225_600, 1_767_308_401, ())
    listed = parsed({"type": "backfill", "task_id": "a", "times": [END, START, START]})
    assert isinstance(listed, BackfillEvent)
    assert (listed.rate, listed.start, listed.times) == (600, None, (1_767_225_600, 1_767_308_401))


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({}, ""),
        ({"start": START}, ""),
        ({"start": END, "end": START}, ""),
        ({"start": START, "end": END, "times": [START]}, ""),
        ({"start": "2026-01-01T00:00:00", "end": END}, "/start"),
        ({"times": []}, "/times"),
        ({"times": [START] * 1001}, "/times"),
        ({"times": [START, 5]}, "/times/1"),
        ({"times": [START], "rate": 0}, "/rate"),
        ({"times": [START], "if_version": 1}, "/if_version"),
    ],
)
def test_backfills_that_are_refused(data: dict[str, Any], place: str) -> None:
    assert errors({"type": "backfill", "task_id": "a", **data}).keys() == {place}


def test_a_list_with_a_wrong_item_is_not_called_too_short() -> None:
    assert errors({"type": "backfill", "task_id": "a", "times": ["noon"]}).keys() == {"/times/0"}
    assert errors({"type": "backfill", "task_id": "a", "times": []}).keys() == {"/times"}


def test_a_trigger_may_say_why() -> None:
    event = parsed({"type": "trigger", "task_id": "a", "note": "rerun of x"})
    assert isinstance(event, ChangeEvent)
    assert (event.note, event.has_payload) == ("rerun of x", False)
    assert errors({"type": "trigger", "task_id": "a", "note": "x" * 1001}).keys() == {"/note"}


def test_a_cancel_means_one_run_or_all() -> None:
    one, every = (
        parsed({"type": "cancel", "task_id": "a", "run_id": "0" * 32}),
        parsed({"type": "cancel", "task_id": "a"}),
    )
    assert isinstance(one, CancelEvent)
    assert isinstance(every, CancelEvent)
    assert (one.run_id, every.run_id) == ("0" * 32, None)
    assert errors({"type": "cancel", "task_id": "a", "run_id": "x"}).keys() == {"/run_id"}


RUN: dict[str, Any] = {
    "type": "run",
    "run_id": "0" * 32,
    "task_id": "a",
    "task_name": "A",
    "generation": 1,
    "version": 2,
    "nominal_at": START,
    "effective_at": START,
    "emitted_at": START,
    "payload": {"number": 1.50},
    "from_the_future": True,
}


def test_a_retry_carries_the_whole_run_byte_for_byte() -> None:
    data = {"run": RUN, "attempt": 2, "retry_at": "2026-01-01T00:00:01.2Z"}
    structured = {"specversion": "1.0", "type": "tasker.retry", "source": "executor", "id": "e", "data": data}
    headers = [("ce_specversion", b"1.0"), ("ce_type", b"tasker.retry")]
    for event in (parsed({"type": "retry", **data}), parsed(structured), parsed(data, headers)):
        assert isinstance(event, RetryEvent)
        assert (event.origin.task_id, event.attempt, event.retry_at) == ("a", 2, 1_767_225_602)
        assert bytes(event.run.payload) == b'{"number": 1.5}'


@pytest.mark.parametrize(
    ("run", "attempt", "place"),
    [
        (RUN, 3, "/attempt"),
        (RUN, 1, "/attempt"),
        (RUN | {"generation": "x"}, 2, "/run/generation"),
        (RUN | {"emitted_at": "at noon"}, 2, "/run/emitted_at"),
        (RUN | {"policy": {"timeout": 5}}, 2, "/run/policy/timeout"),
        ({"task_id": "a"}, 2, "/run"),
        ("a run", 2, "/run"),
    ],
)
def test_retries_that_are_refused(run: Any, attempt: int, place: str) -> None:
    body = {"type": "retry", "run": run, "attempt": attempt, "retry_at": START}
    assert errors(body, key=b"a").keys() == {place}


RETRY: dict[str, Any] = {"type": "retry", "run": RUN, "attempt": 2, "retry_at": START}


def test_a_retry_is_about_the_task_of_its_run() -> None:
    assert errors(RETRY, key=b"b").keys() == {"/key"}
    event = parsed(RETRY | {"task_id": "b"})
    assert isinstance(event, Rejection)
    assert (event.origin.task_id, [error.pointer for error in event.errors]) == ("a", ["/task_id"])


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, b"b"),
        ({"id": ""}, None),
        ({"attempt": 3}, None),
        ({"attempt": "second"}, None),
        ({"retry_at": "soon"}, None),
        ({"retry_at": None}, b"b"),
        ({"task_id": "b"}, None),
        ({"colour": "red"}, None),
    ],
)
def test_a_retry_that_is_refused_still_tells_the_run_that_waits_for_it(changes: Any, key: bytes | None) -> None:
    body = RETRY | changes
    data = {name: body[name] for name in body if name not in ("type", "id")}
    id_ = {"id": body.get("id", "e")}
    structured = {"specversion": "1.0", "type": "tasker.retry", "source": "executor", "data": data} | id_
    for event in (parsed(body, key=key), parsed(structured, key=key)):
        assert isinstance(event, Rejection)
        assert isinstance(event.refused, RetryEvent)
        assert (event.refused.run.run_id, event.refused.attempt) == ("0" * 32, 2)
        assert bytes(event.refused.run.payload) == b'{"number": 1.5}'


@pytest.mark.parametrize(
    "changes",
    [
        {"run": RUN | {"version": "x"}},
        {"run": RUN | {"nominal_at": "noon"}},
        {"run": RUN | {"effective_at": ""}},
        {"run": RUN | {"emitted_at": "2026-01-01T12:00:00"}},
        {"run": RUN | {"effective_at": "0001-01-01T00:00:00+14:00"}},
        {"run": RUN | {"effective_at": "9999-12-31T23:59:59-14:00"}},
        {"run": RUN | {"nominal_at": "1969-12-31T23:59:59.999Z"}},
        {"run": RUN | {"emitted_at": "2200-01-01T00:00:00Z"}},
        {"run": RUN | {"task_id": "/"}},
        {"run": None},
        {"type": "cancel"},
    ],
)
def test_what_is_no_run_of_ours_waits_for_nothing(changes: Any) -> None:
    event = parsed(RETRY | changes, key=b"a")
    assert isinstance(event, Rejection)
    assert event.refused is None
