"""Dead letters keep the record they are of, as far as it fits, with its source and the reason."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.kafka_record import Record
from tasker_core.messages.dead_letter import (
    HEADERS,
    MAX_AROUND_BYTES,
    MAX_VALUE_BYTES,
    OPTIONAL_HEADERS,
    DeadLetter,
    NotADeadLetter,
    dead_letter_of,
    parse_dead_letter,
)


def written(record: Record, reason: str = "no JSON", service: str = "ticker") -> DeadLetter:
    """A record's dead letter, read again."""
    value, key, headers = dead_letter_of(record, reason, service)
    return parse_dead_letter(Record("dead-letters", 2, 7, 1_000, key, value, headers))


def record(key: bytes | None, value: bytes | None, *headers: tuple[str, bytes]) -> Record:
    return Record("task-events", 3, 42, 5, key, value, headers)


@given(
    key=st.none() | st.binary(max_size=30),
    value=st.none() | st.binary(max_size=300),
    headers=st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=10)), max_size=4),
    reason=st.text(st.characters(codec="utf-8"), max_size=100),
)
def test_a_record_comes_back_as_it_was(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], reason: str
) -> None:
    found = written(record(key, value, *headers), reason)
    assert (found.key, found.value, list(found.headers)) == (key, value or b"", headers)
    assert (found.topic, found.source_partition, found.source_offset) == ("task-events", 3, 42)
    assert (found.partition, found.offset, found.written_ms) == (2, 7, 1_000)
    assert (found.service, found.reason, found.cut) == ("ticker", reason, ())
    assert (found.size, found.sha256) == (len(value or b""), hashlib.sha256(value or b"").hexdigest())


def test_a_dead_letter_of_a_dead_letter_keeps_both_sources() -> None:
    value, key, headers = dead_letter_of(record(b"k", b"v"), "first", "ticker")
    again = written(Record("dead-letters", 0, 1, 0, key, value, headers), "second", "api")
    assert (again.topic, again.reason, list(again.headers)) == ("dead-letters", "second", headers)


def test_what_does_not_fit_is_cut_and_named() -> None:
    value = b"v" * (MAX_VALUE_BYTES + 1)
    found = written(record(b"k" * (MAX_AROUND_BYTES + 1), value, ("h", b"x" * MAX_AROUND_BYTES)))
    assert found.cut == ("value", "key", "headers")
    assert (len(found.value), len(found.key or b""), list(found.headers)) == (MAX_VALUE_BYTES, MAX_AROUND_BYTES, [])
    assert (found.size, found.sha256) == (len(value), hashlib.sha256(value).hexdigest())


def test_what_just_fits_is_kept() -> None:
    headers = ("h", b"x" * (MAX_AROUND_BYTES - 1))
    found = written(record(b"k" * MAX_AROUND_BYTES, b"v" * MAX_VALUE_BYTES, headers))
    assert (found.cut, len(found.value), list(found.headers)) == ((), MAX_VALUE_BYTES, [headers])


def test_the_headers_are_those_that_are_documented_in_their_order() -> None:
    def names(one: Record) -> list[str]:
        return [name for name, _ in dead_letter_of(one, "why", "api")[2]]

    assert names(record(None, b"v" * (MAX_VALUE_BYTES + 1))) == list(HEADERS)
    assert names(record(None, b"v")) == [name for name in HEADERS if name not in OPTIONAL_HEADERS]


@pytest.mark.parametrize("drop", [name for name in HEADERS if name not in OPTIONAL_HEADERS])
def test_a_record_without_one_of_our_headers_is_no_dead_letter(drop: str) -> None:
    value, key, headers = dead_letter_of(record(b"k", b"v"), "why", "api")
    kept = [(name, one) for name, one in headers if name != drop]
    with pytest.raises(NotADeadLetter, match="partition 2, offset 7"):
        parse_dead_letter(Record("dead-letters", 2, 7, 0, key, value, kept))
