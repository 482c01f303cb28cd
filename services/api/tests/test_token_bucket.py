"""However requests come, no more are let through than the rate and one second's worth at once."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_api.access.token_bucket import TokenBucket

RATES = st.floats(0.01, 1000, allow_nan=False)


@given(RATES, st.lists(st.floats(0, 10, allow_nan=False), max_size=200))
def test_no_more_than_the_rate(rate: float, pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now) == 0
        assert taken <= max(1.0, rate) + rate * now + 1e-6


@given(RATES, st.integers(1, 50))
def test_who_waits_as_long_as_it_says_is_let_through(rate: float, requests: int) -> None:
    bucket, now = TokenBucket(rate, 0.0), 0.0
    for _ in range(requests):
        if wait := bucket.take(now):
            now += wait * (1 + 1e-9)
            assert bucket.take(now) == 0


def test_as_many_at_once_as_in_a_second() -> None:
    bucket = TokenBucket(20, 0.0)
    assert [bucket.take(0.0) == 0 for _ in range(21)] == [True] * 20 + [False]
    assert bucket.take(0.0) == 1 / 20
