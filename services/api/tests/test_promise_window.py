"""A window is told in whole minutes, or in hours and days where minutes have expired; its buckets make it up."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_api.queries.promise_window import BUCKETS, PromiseWindow, promise_window
from tasker_core.errors import InvalidInput
from tasker_core.statistics.time_units import units_between

NOW = datetime(2026, 11, 28, 14, 30, 20, tzinfo=UTC)
UNITS = 4_000
"""So many documents an answer may read at most."""


@given(
    st.timedeltas(timedelta(0), timedelta(days=1_800)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=1_800)),
    st.sampled_from([None, *BUCKETS]),
)
def test_buckets_make_up_the_window_and_few_documents_the_buckets(
    ago: timedelta, length: timedelta, bucket: int | None
) -> None:
    until = NOW - ago
    try:
        window = promise_window(until - length, until, None if bucket is None else timedelta(minutes=bucket), NOW)
    except InvalidInput as error:
        wrong = error.errors[0].pointer
    else:
        wrong = ""
        check(window, until - length, until)
    assert wrong in ("", "/query/bucket") if bucket is not None else wrong == ""


def check(window: PromiseWindow, since: datetime, until: datetime) -> None:
    assert window.since <= since
    assert window.until >= until
    edges = window.buckets
    assert edges[0][0] == window.start
    assert edges[-1][1] == window.end
    assert all(one[1] == other[0] for one, other in pairwise(edges))
    assert sum(len(units_between(*one)) for one in edges) <= UNITS


@pytest.mark.parametrize(
    ("hours", "bucket"), [(1, 1), (6, 5), (24, 15), (24 * 7, 60), (24 * 30, 6 * 60), (24 * 365, 24 * 60)]
)
def test_the_usual_bucket_follows_the_length(hours: int, bucket: int) -> None:
    assert promise_window(NOW - timedelta(hours=hours), None, None, NOW).bucket == bucket


def test_the_last_hour_is_the_default_and_now_the_end() -> None:
    window = promise_window(None, None, None, NOW)
    assert (window.since, window.until) == (
        NOW.replace(hour=13, minute=31, second=0),
        NOW.replace(minute=31, second=0),
    )
    assert promise_window(None, NOW + timedelta(days=900), None, NOW) == window


def test_where_minutes_have_expired_the_window_is_of_whole_hours_and_says_so() -> None:
    window = promise_window(NOW - timedelta(days=20), NOW - timedelta(days=19), None, NOW)
    assert (window.since.minute, window.until.minute, window.bucket) == (0, 0, 60)
    assert window.until - window.since == timedelta(hours=25)
    assert window.notes == ["counts of single minutes are kept for 14 days: told in whole hours"]


@pytest.mark.parametrize(
    ("since", "until", "bucket", "wrong"),
    [
        (NOW, NOW - timedelta(1), None, "/query/from"),
        (NOW + timedelta(1), None, None, "/query/from"),
        (datetime.min.replace(tzinfo=UTC), None, None, "/query/from"),
        (None, datetime.min.replace(tzinfo=UTC), None, "/query/to"),
        (NOW - timedelta(days=4_000), None, None, "/query/from"),
        (None, None, timedelta(seconds=30), "/query/bucket"),
        (None, None, timedelta(minutes=7), "/query/bucket"),
        (NOW - timedelta(days=3), None, timedelta(minutes=5), "/query/bucket"),
        (NOW - timedelta(days=100), None, timedelta(hours=1), "/query/bucket"),
    ],
)
def test_what_is_refused(since: datetime | None, until: datetime | None, bucket: timedelta | None, wrong: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        promise_window(since, until, bucket, NOW)
    assert [one.pointer for one in refused.value.errors] == [wrong]
