"""Instants: exact between integers and RFC 3339."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.time.instant import from_ms, parse_ms, parse_second, rfc3339, rfc3339_second, to_ms

instants = st.integers(0, 7 * 10**12)  # up to the year 2191


@given(instants)
def test_there_and_back(ms: int) -> None:
    assert parse_ms(rfc3339(ms)) == ms
    assert to_ms(from_ms(ms)) == ms
    assert parse_second(rfc3339_second(ms // 1000)) == ms // 1000


def test_the_wire_form() -> None:
    assert rfc3339(1_767_268_800_007) == "2026-01-01T12:00:00.007Z"
    assert from_ms(1_767_268_800_007) == datetime(2026, 1, 1, 12, 0, 0, 7000, tzinfo=UTC)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="no offset"):
        parse_ms("2026-01-01T12:00:00")
