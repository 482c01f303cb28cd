"""The table of announced handlers, and what it says of tasks."""

from typing import Any

import msgspec
import pytest

from tasker_core.errors import InvalidInput
from tasker_core.events.task_event import ChangeEvent, Rejection, parse_event
from tasker_core.handlers.handler_registry import HandlerRegistry, parse_announcement
from tasker_core.task import parse_task

GREET: dict[str, Any] = {
    "type": "handler",
    "name": "greet",
    "group": "greeters",
    "payload_schema": {"type": "object", "properties": {"name": {"type": "string"}}},
}


def known(**changes: Any) -> HandlerRegistry:
    table = HandlerRegistry()
    assert table.apply(b"greet", msgspec.json.encode(GREET | changes)) is None
    return table


def task(handler: str, payload: Any) -> dict[str, Any]:
    return {"id": "t", "schedule": {"every": "PT1M"}, "handler": handler, "payload": payload}


def pointers(table: HandlerRegistry, handler: str, payload: Any) -> set[str]:
    try:
        parse_task(task(handler, payload), table.errors)
    except InvalidInput as error:
        return {one.pointer for one in error.errors}
    return set()


def test_tasks_are_checked_against_what_is_announced() -> None:
    table = known()
    assert pointers(table, "greet", {"name": "Ada"}) == set()
    assert pointers(table, "greet", {"name": 1}) == {"/payload/name"}
    assert pointers(table, "greet", 1) == {"/payload"}
    assert pointers(table, "curl", "https://example.com") == set()
    assert pointers(table, "curl", 1) == {"/payload"}
    assert pointers(table, "wave", None) == {"/handler"}
    assert (table.group_of("greet"), table.group_of("curl")) == ("greeters", None)


def test_the_unknown_is_told_what_there_is() -> None:
    (error,) = known().errors("wave", None)
    assert error.message.startswith("unknown handler; choose one of ")
    assert "default" in error.message
    assert "greet" in error.message


def test_events_are_checked_too() -> None:
    def event(payload: Any) -> bytes:
        return msgspec.json.encode({"type": "put", "task": task("greet", payload)})

    assert isinstance(parse_event(event({}), [], None, known().errors), ChangeEvent)
    rejected = parse_event(event([]), [], None, known().errors)
    assert isinstance(rejected, Rejection)
    assert [error.pointer for error in rejected.errors] == ["/payload"]
    assert isinstance(parse_event(event({}), [], None), Rejection)


def test_the_last_word_holds_and_none_withdraws() -> None:
    table = known()
    table.apply(b"greet", msgspec.json.encode(GREET | {"group": "others", "payload_schema": True}))
    assert (table.group_of("greet"), pointers(table, "greet", 1)) == ("others", set[str]())
    assert table.apply(b"greet", None) is None
    assert pointers(table, "greet", 1) == {"/handler"}


@pytest.mark.parametrize("payload_schema", [{"type": "text"}, {"$ref": "https://x.example"}, 3])
def test_an_unusable_schema_still_says_whose_the_handler_is(payload_schema: Any) -> None:
    table = HandlerRegistry()
    trouble = table.apply(b"greet", msgspec.json.encode(GREET | {"payload_schema": payload_schema}))
    assert trouble is not None
    assert "payload schema" in trouble
    assert (table.group_of("greet"), pointers(table, "greet", 1)) == ("greeters", set[str]())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, GREET),
        (b"\xff", GREET),
        (b"", GREET),
        (b"hello", GREET),
        (b"curl", GREET | {"name": "curl"}),
        (b"a b", GREET | {"name": "a b"}),
        (b"greet", GREET | {"group": ""}),
        (b"greet", GREET | {"type": "other"}),
        (b"greet", {"name": "greet"}),
        (b"greet", []),
        (b"greet", GREET | {"description": "x" * 300_000}),
    ],
)
def test_what_is_no_announcement_changes_nothing(key: bytes | None, value: Any) -> None:
    table = known()
    assert (table.apply(key, msgspec.json.encode(value)) or "").startswith("ignored")
    assert table.group_of("greet") == "greeters"


def test_deep_or_broken_json_is_ignored() -> None:
    table = known()
    for value in (b"{", b"[" * 200_000, b"\xff\xfe"):
        assert (table.apply(b"greet", value) or "").startswith("ignored")


def test_a_withdrawal_is_read() -> None:
    assert parse_announcement(b"greet", None) == ("greet", None)
