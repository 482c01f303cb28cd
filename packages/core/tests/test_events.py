"""Task events in their three forms, and what becomes of those that break the contract."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.events import Event, Rejection, Undecodable, parse_event

TASK = {"id": "daily-report", "schedule": {"cron": "0 9 * * 1-5", "timezone": "Europe/Berlin"}}
Headers = list[tuple[str, bytes]]


def parsed(body: Any, headers: Headers | None = None, key: bytes | None = None) -> Event | Rejection:
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
        assert isinstance(event, Event)
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
    assert errors(put(schedule={"every": "PT1M", "exclude": []}))["/schedule/exclude"].startswith("not available yet")
    assert errors(put(retry={"max_attempts": 3}))["/retry"].startswith("not available yet")
    assert errors(put(colour="red"))["/colour"].startswith("unknown field")
    assert errors(put(handler="teleport")).keys() == {"/handler"}
    assert errors(put(handler="curl", payload="not a url")).keys() == {"/payload"}
    assert errors(put(handler="curl", payload={"uri": "x"})).keys() == {"/payload/uri", "/payload/url"}
    assert errors(put(payload="x" * 70_000)).keys() == {"/payload"}
    assert errors(put(tags=[str(n) for n in range(51)])).keys() == {"/tags"}
    assert errors(put(timeout="-PT1S")).keys() == {"/timeout"}
    assert errors({"type": "backfill", "task_id": "a"})["/type"].endswith("not available yet")
    assert errors({"type": "pause", "task_id": "a", "extra": 1}).keys() == {"/extra"}
    assert errors({"type": "pause", "task_id": "a"}, key=b"b").keys() == {"/key"}
    assert errors({"type": "pause", "task_id": "a", "id": 7}).keys() == {"/id"}


def test_several_mistakes_are_told_at_once() -> None:
    wrong = put(schedule={"cron": "99 * * * *", "timezone": "Mars/Base"}, name=7, colour="red")
    assert {"/schedule/cron", "/schedule/timezone", "/name", "/colour"} <= errors(wrong).keys()


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"7", b'{"type":"put"}', b"[" * 5000 + b"]" * 5000, b'{"task":{"id":"no spaces"}}']
)
def test_what_names_no_task_is_undecodable(body: bytes) -> None:
    with pytest.raises(Undecodable):
        parsed(body)


def test_the_key_names_the_task_when_the_event_does_not() -> None:
    assert errors({"type": "put", "task": {}}, key=b"some-task").keys() == {"/id", "/schedule"}


@given(st.binary(max_size=300))
def test_no_bytes_break_it(value: bytes) -> None:
    try:
        parse_event(value, [], None)
    except Undecodable:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["id", "name", "schedule", "tags", "payload", "handler", "timeout", "paused", "nonsense"])


@given(st.dictionaries(fields, json_values), st.sampled_from(["put", "trigger", "pause", "x", ""]))
def test_no_json_breaks_it(task: dict[str, Any], word: str) -> None:
    found = parsed({"type": word, "task": task}, key=b"a-task")
    assert isinstance(found, Event | Rejection)
