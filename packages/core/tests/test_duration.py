"""Durations: what is taken, what is refused, and that what is written reads back."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tasker_core.time.duration import Duration, PositiveDuration, format_duration, parse_duration


class Holder(BaseModel):
    duration: Duration
    positive: PositiveDuration = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("given", "seconds", "written"),
    [
        ("PT15M", 900, "PT15M"),
        ("P1D", 86_400, "P1D"),
        ("P1W", 604_800, "P1W"),
        ("P7D", 604_800, "P1W"),
        ("P1DT2H3M4S", 93_784, "P1DT2H3M4S"),
        ("PT90M", 5400, "PT1H30M"),
        ("PT0.5S", 0.5, "PT0.5S"),
        ("PT1,250S", 1.25, "PT1.25S"),
        ("PT0S", 0, "PT0S"),
        (900, 900, "PT15M"),
        (0.5, 0.5, "PT0.5S"),
        (0.1, 0.1, "PT0.1S"),
        (timedelta(hours=1), 3600, "PT1H"),
        ("P3650D", 3650 * 86_400, "P3650D"),
    ],
)
def test_taken(given: object, seconds: float, written: str) -> None:
    held = Holder.model_validate({"duration": given})
    assert held.duration == timedelta(seconds=seconds)
    assert held.model_dump()["duration"] == held.model_dump(mode="json")["duration"] == written


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("P1M", "years and months have no fixed length"),
        ("P1Y", "years and months have no fixed length"),
        ("P1Y2M10DT2H30M", "years and months have no fixed length"),
        ("-PT5M", "negative"),
        ("PT-5M", "negative"),
        (-5, "negative"),
        (timedelta(seconds=-1), "negative"),
        ("P3651D", "longer than ten years"),
        ("P" + "9" * 30 + "D", "longer than ten years"),
        (1e12, "longer than ten years"),
        (float("nan"), "longer than ten years"),
        (float("inf"), "longer than ten years"),
        ("PT0.0005S", "not an ISO 8601 duration"),
        (0.0005, "finer than a millisecond"),
        ("", "not an ISO 8601 duration"),
        ("P", "not an ISO 8601 duration"),
        ("PT", "not an ISO 8601 duration"),
        ("P1DT", "not an ISO 8601 duration"),
        ("PT1.5H", "not an ISO 8601 duration"),
        ("15 minutes", "such as PT15M"),
        ("900", "not an ISO 8601 duration"),
        ("pt5m", "not an ISO 8601 duration"),
        ("PT٣S", "not an ISO 8601 duration"),
        (True, "give an ISO 8601 duration"),
        (None, "give an ISO 8601 duration"),
        ([], "give an ISO 8601 duration"),
    ],
)
def test_refused(given: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        Holder.model_validate({"duration": given})
    assert [error["loc"] for error in caught.value.errors()] == [("duration",)]


def test_positive() -> None:
    with pytest.raises(ValidationError, match="longer than zero"):
        Holder.model_validate({"duration": 0, "positive": "PT0S"})


def test_schema_is_a_duration_both_ways() -> None:
    for schema in (Holder.model_json_schema(), Holder.model_json_schema(mode="serialization")):
        duration: dict[str, Any] = schema["properties"]["duration"]
        assert (duration["type"], duration["format"]) == ("string", "duration")


@given(st.integers(0, 3650 * 86_400_000))
def test_written_reads_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(duration)) == duration
