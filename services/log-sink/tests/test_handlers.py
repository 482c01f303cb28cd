"""Announced handlers as documents: the last announcement of each name, whatever came before."""

from typing import Any

import msgspec
import pytest

from tasker_core.kafka_record import Record
from tasker_log_sink.consuming.batch import decode_batch
from tasker_log_sink.testing.messages import when
from tasker_log_sink.testing.stores import InMemoryStore

GREET: dict[str, Any] = {"type": "handler", "name": "greet", "group": "greeters", "description": "Says hello."}


def record(offset: int, value: dict[str, Any] | None, key: bytes = b"greet") -> Record:
    return Record("h", 0, offset, 0, key, None if value is None else msgspec.json.encode(value), ())


async def test_the_last_announcement_of_a_name_stands_within_a_batch_and_over_batches() -> None:
    store = InMemoryStore()
    one, two = record(0, GREET), record(1, GREET | {"payload_schema": {"type": "object"}})
    other = record(2, GREET | {"name": "wave"}, b"wave")
    await store.apply([], decode_batch([one, two, other], {"h": "handlers"}).records, when(1))
    handlers = store.documents["handlers"]
    assert handlers["greet"] == {
        "_id": "greet",
        "withdrawn": False,
        "description": "Says hello.",
        "group": "greeters",
        "payload_schema_json": '{"type":"object"}',
        "problem": None,
        "logged_at": when(1),
    }
    await store.apply([], decode_batch([record(3, None), two], {"h": "handlers"}).records[:1], when(2))
    assert (handlers["greet"]["withdrawn"], handlers["greet"]["logged_at"]) == (True, when(2))
    assert (handlers["wave"]["withdrawn"], handlers["wave"]["logged_at"]) == (False, when(1))
    await store.apply([], decode_batch([one], {"h": "handlers"}).records, when(3))
    assert (handlers["greet"]["withdrawn"], handlers["greet"]["payload_schema_json"]) == (False, "null")


async def test_an_unusable_schema_is_reported_and_the_handler_is_there() -> None:
    store = InMemoryStore()
    await store.apply(
        [], decode_batch([record(0, GREET | {"payload_schema": {"type": 3}})], {"h": "handlers"}).records, when(1)
    )
    found = store.documents["handlers"]["greet"]
    assert (found["withdrawn"], found["payload_schema_json"]) == (False, "null")
    assert found["problem"].startswith("the payload schema can't be used")


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"curl", b"other"])
def test_what_is_no_announcement_goes_to_the_dead_letters(key: bytes | None) -> None:
    batch = decode_batch([Record("h", 0, 0, 0, key, msgspec.json.encode(GREET), ())], {"h": "handlers"})
    assert (len(batch.records), len(batch.unusable)) == (0, 1)
