"""When a failed run is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.messages.runs import RetryPolicy
from tasker_core.retry import next_attempt_ms

STEADY = RetryPolicy(max_attempts=5, initial="PT10S", factor=2.0, max="PT1M", jitter=0.0, max_age="PT1H")
EFFECTIVE, MINUTE = 1_000_000_000, 60_000


def due(policy: RetryPolicy | None, attempt: int, failed_ms: int = EFFECTIVE, wait_ms: int = 0) -> int | None:
    return next_attempt_ms(
        policy, run_id="a" * 32, attempt=attempt, effective_ms=EFFECTIVE, failed_ms=failed_ms, wait_ms=wait_ms
    )


@pytest.mark.parametrize(("attempt", "pause"), [(1, 10), (2, 20), (3, 40), (4, 60)])
def test_the_pause_grows_up_to_its_maximum(attempt: int, pause: int) -> None:
    assert due(STEADY, attempt) == EFFECTIVE + pause * 1000


def test_there_is_no_attempt_beyond_the_last_one_nor_without_a_policy() -> None:
    assert due(STEADY, 5) is None
    assert due(None, 1) is None
    assert due(RetryPolicy(), 1) is None


def test_no_attempt_is_due_after_the_maximum_age() -> None:
    assert due(STEADY, 1, EFFECTIVE + 60 * MINUTE - 10_000) == EFFECTIVE + 60 * MINUTE
    assert due(STEADY, 1, EFFECTIVE + 60 * MINUTE - 9_999) is None


def test_what_the_other_side_asks_for_is_waited() -> None:
    assert due(STEADY, 1, wait_ms=30_000) == EFFECTIVE + 30_000
    assert due(STEADY, 3, wait_ms=30_000) == EFFECTIVE + 40_000


@given(
    attempt=st.integers(1, 99),
    factor=st.floats(1, 10),
    jitter=st.floats(0, 1),
    run=st.integers(0, 2**128 - 1),
)
def test_jitter_takes_off_a_share_and_is_always_the_same(attempt: int, factor: float, jitter: float, run: int) -> None:
    policy = RetryPolicy(max_attempts=100, initial="PT1S", factor=factor, max="PT1M", jitter=jitter, max_age="P1W")

    def asked() -> int | None:
        return next_attempt_ms(policy, run_id=f"{run:032x}", attempt=attempt, effective_ms=0, failed_ms=5)

    longest = min(1000 * factor ** (attempt - 1), 60_000)
    found = asked()
    assert found is not None
    assert longest * (1 - jitter) <= found - 5 <= longest + 1
    assert found == asked()


def test_the_pause_of_any_attempt_is_finite() -> None:
    policy = RetryPolicy(max_attempts=1_000, initial="PT10S", factor=10.0, max="PT1M", jitter=0.0, max_age="PT1H")
    assert due(policy, 999) == EFFECTIVE + MINUTE


def test_jitter_spreads_the_attempts_of_many_runs_evenly() -> None:
    policy = RetryPolicy(max_attempts=100, initial="PT10S", factor=1.0, max="PT10S", jitter=1.0)
    pauses = [
        next_attempt_ms(policy, run_id=f"{run:032x}", attempt=attempt, effective_ms=0, failed_ms=0) or 0
        for run in range(100)
        for attempt in range(1, 11)
    ]
    assert min(pauses) >= 0
    assert max(pauses) <= 10_000
    for second in range(10):
        assert 60 <= sum(second * 1_000 < pause <= (second + 1) * 1_000 for pause in pauses) <= 140
