"""The examples in docs/wire-contract.md are what the code takes and writes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tasker_core import messages
from tasker_core.announced import Announcements, read_announcement
from tasker_core.events import Rejection, parse_event
from tasker_core.handlers import payload_errors

PAGE = Path(__file__).parents[3] / "docs" / "wire-contract.md"
EXAMPLES: list[tuple[str, str]] = re.findall(r"^```json (\S+)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "due": messages.decode_due,
    "results": messages.decode_result,
    "verdicts": messages.decode_verdict,
    "watermarks": messages.decode_watermark,
    "handlers": messages.decode_announcement,
}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_an_example_is_of_the_contract_with_every_field_known(kind: str, text: str) -> None:
    value = text.encode()
    if kind == "task-events":
        assert not isinstance(parse_event(value, [], None, payload_errors), Rejection)
        return
    told = msgspec.json.decode(messages.encode(DECODERS[kind](value)))
    assert told == msgspec.json.decode(value), "a field is unknown, or has its default"


def test_every_message_has_an_example() -> None:
    said = {(kind, msgspec.json.decode(text).get("type")) for kind, text in EXAMPLES}
    words = {"put", "pause", "trigger", "backfill", "cancel", "retry", "outcome"}
    assert {("task-events", word) for word in words} <= said
    assert {("due", "run"), ("due", "cancel"), ("results", "run.started"), ("results", "run.finished")} <= said
    told = {"verdict", "missed", "ended", "finished", "removed", "backfill.ended"}
    assert {word for kind, word in said if kind == "verdicts"} == told
    assert ("watermarks", None) in said


def test_the_announcement_can_be_used() -> None:
    (text,) = (text for kind, text in EXAMPLES if kind == "handlers")
    name, announced = read_announcement(b"java-greet", text.encode())
    assert announced is not None
    assert (name, announced.problem) == ("java-greet", None)
    table = Announcements()
    assert table.learn(b"java-greet", text.encode()) is None
    assert [error.pointer for error in table.errors(name, {"name": 1})] == ["/payload/name"]
