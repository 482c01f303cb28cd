"""What names no task, or is no event at all: rejected with its place, so that it can be answered."""

import json
from typing import Any

import pytest

from tasker_core.events.task_event import Rejection, parse_event

TASK = {"id": "daily-report", "schedule": {"every": "P1D"}}
Headers = list[tuple[str, bytes]]


def nameless(body: Any, headers: Headers | None = None, key: bytes | None = None) -> Rejection:
    """What is no event of any task: rejected, and a dead letter."""
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = parse_event(value, headers or [], key)
    assert isinstance(found, Rejection)
    assert found.dead_letter
    assert found.errors
    assert found.refused is None
    return found


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", ""),
        (b"\xff", ""),
        (b"[]", ""),
        (b"7", ""),
        (b"[" * 5000 + b"]" * 5000, ""),
        (b"{}", "/type"),
        (b'{"type":"put"}', "/task"),
        (b'{"task":{"id":"no spaces"}}', "/type"),
        ({"type": "put", "task": TASK | {"id": "br-k\u00fc"}}, "/id"),
        ({"type": "put", "task": TASK | {"id": "x" * 129}}, "/id"),
        ({"type": "put", "task": TASK | {"id": 7}}, "/id"),
        ({"type": "pause"}, "/task_id"),
        ({"type": "pause", "task_id": ""}, "/task_id"),
        ({"type": "pause", "task_id": None}, "/task_id"),
        ({"type": "pause", "task_id": ["a"]}, "/task_id"),
        ({"type": "retry", "run": {"task_id": "a b"}, "attempt": 2, "retry_at": "2026-01-01T00:00:00Z"}, "/run"),
        ({"specversion": "1.0", "type": "tasker.put", "id": "e", "data": [TASK]}, "/data"),
    ],
)
def test_what_names_no_task_is_rejected_with_its_place(body: Any, pointer: str) -> None:
    assert pointer in [error.pointer for error in nameless(body).errors]


def test_what_names_no_task_is_found_by_its_event_id_and_by_what_it_calls_its_task() -> None:
    wrong = nameless({"type": "put", "id": "e1", "task": TASK | {"id": "br-k\u00fc"}, "actor": "me"}).origin
    assert (wrong.event_id, wrong.event_type, wrong.task_id, wrong.actor) == ("e1", "put", "br-k\u00fc", "me")
    assert nameless({"type": "pause", "task_id": "x" * 1000}).origin.task_id == "x" * 127 + "…"
    assert nameless({"type": "pause", "task_id": 7}, key=b"\xff\xfe").origin.task_id == "\ufffd\ufffd"
    assert nameless({"type": "pause", "task_id": 7}).origin.task_id == ""
    headers = [("ce_type", b"tasker.put"), ("ce_id", b"e2"), ("ce_source", b"me")]
    broken = nameless(b"{", headers=headers).origin
    assert (broken.event_id, broken.event_type, broken.actor, broken.task_id) == ("e2", "put", "me", "")
    assert nameless(b"{", headers=[("ce_id", b"e2")]).origin.event_id == "e2"
    assert nameless(b"{", key=b"some-task").origin.task_id == "some-task"
    assert nameless({"specversion": "1.0", "type": "tasker.put", "id": "e3", "data": 1}).origin.event_id == "e3"


def test_the_message_says_which_ids_are_allowed() -> None:
    (error,) = nameless({"type": "pause", "task_id": "br-k\u00fc"}).errors
    assert error.message.startswith("has '\u00fc' at position 4; a task id has 1 to 128 of A-Z a-z 0-9 . _ -")
    assert "of 129 characters" in nameless({"type": "pause", "task_id": "x" * 129}).errors[0].message
    assert "begins with" in nameless({"type": "pause", "task_id": "-a"}).errors[0].message
