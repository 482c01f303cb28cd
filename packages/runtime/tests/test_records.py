"""Records as we see them, whatever their producers have written."""

from types import SimpleNamespace

import pytest

from tasker_runtime.kafka.client import record_of


@pytest.mark.parametrize(
    ("headers", "seen"),
    [((), []), ([("traceparent", None), ("x", b"1")], [("traceparent", b""), ("x", b"1")])],
)
def test_a_header_without_a_value_has_an_empty_one(headers: object, seen: list[tuple[str, bytes]]) -> None:
    raw = SimpleNamespace(topic="t", partition=0, offset=7, timestamp=1, key=None, value=b"{}", headers=headers)
    assert list(record_of(raw).headers) == seen
