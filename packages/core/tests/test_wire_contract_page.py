"""The examples in docs/wire-contract.md are what the code takes and writes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tasker_core.events.event_data import MAX_TIMES
from tasker_core.events.task_event import MAX_EVENT_ID, Rejection, parse_event
from tasker_core.handlers import payload_schema
from tasker_core.handlers.built_in import payload_errors
from tasker_core.handlers.handler_registry import MAX_RECORD_BYTES, HandlerRegistry, parse_announcement
from tasker_core.messages.announcements import decode_announcement, decode_successors
from tasker_core.messages.base import encode
from tasker_core.messages.runs import RetryPolicy, decode_due, decode_result
from tasker_core.messages.verdicts import decode_verdict
from tasker_core.messages.watermark import decode_watermark
from tasker_core.topics import PARTITIONS, TOPICS, Topics

PAGE = Path(__file__).parents[3] / "docs" / "wire-contract.md"
TEXT = PAGE.read_text()
EXAMPLES: list[tuple[str, str]] = re.findall(r"^```json (\S+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "due": decode_due,
    "results": decode_result,
    "verdicts": decode_verdict,
    "watermarks": decode_watermark,
    "handlers": decode_announcement,
    "chains": decode_successors,
}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_an_example_is_of_the_contract_with_every_field_known(kind: str, text: str) -> None:
    value = text.encode()
    if kind == "task-events":
        assert not isinstance(parse_event(value, [], None, payload_errors), Rejection)
        return
    known = msgspec.json.decode(encode(DECODERS[kind](value)))
    assert known == msgspec.json.decode(value), "a field is unknown, or has its default"


def test_every_message_has_an_example() -> None:
    said = {(kind, msgspec.json.decode(text).get("type")) for kind, text in EXAMPLES}
    words = {"put", "pause", "trigger", "backfill", "cancel", "retry", "outcome", "wait", "report", "chain"}
    assert {("task-events", word) for word in words} <= said
    assert {
        ("due", "run"),
        ("due", "cancel"),
        ("due", "reported"),
        ("results", "run.started"),
        ("results", "run.finished"),
    } <= said
    known = {"verdict", "missed", "ended", "finished", "removed", "backfill.ended"}
    assert {word for kind, word in said if kind == "verdicts"} == known
    assert ("watermarks", None) in said


def test_the_announcement_can_be_used() -> None:
    (text,) = (text for kind, text in EXAMPLES if kind == "handlers")
    name, announced = parse_announcement(b"java-greet", text.encode())
    assert announced is not None
    assert (name, announced.problem) == ("java-greet", None)
    table = HandlerRegistry()
    assert table.apply(b"java-greet", text.encode()) is None
    assert [error.pointer for error in table.errors(name, {"name": 1})] == ["/payload/name"]


def test_every_topic_has_its_line_with_its_key_and_how_long_it_is_kept() -> None:
    rows = re.findall(r"^\| `(tasker\.\S+)` \| (.*?) ?\| (.*?) \|", TEXT, re.MULTILINE)
    keys = {"task id": "task-id", "": "any", "as it was": "any"}
    said = {name: (keys.get(key, key), kept) for name, key, kept in rows}
    kept = {topic.name: f"{topic.days} days" if topic.days else "compacted" for topic in TOPICS}
    assert said == {Topics()[topic.name]: (topic.key, kept[topic.name]) for topic in TOPICS}


def test_its_limits_are_those_of_the_code() -> None:
    text = " ".join(TEXT.split())
    for said in (
        f"({PARTITIONS} by default",
        f"`id` (up to {MAX_EVENT_ID} characters)",
        f"at most {MAX_TIMES:,} listed ones",
        f"of at most {payload_schema.MAX_BYTES // 1024} KiB",
        f"at most {payload_schema.MAX_NODES:,} objects and lists, at most {payload_schema.MAX_DEPTH} deep",
        f"more than {MAX_RECORD_BYTES // 1024} KiB",
    ):
        assert said in text
    (shown,) = re.findall(r"`(\{\"max_attempts\": 1.*?\})`", text)
    assert msgspec.json.decode(shown, type=RetryPolicy) == RetryPolicy()
    assert set(msgspec.json.decode(shown)) == set(RetryPolicy.__struct_fields__)
