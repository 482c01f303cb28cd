"""How long a message is tried, and how often, while its target can't be reached."""

from itertools import pairwise

import pytest

from tasker_core.retry import next_attempt_ms
from tasker_ticker.scheduling.alerts.alert_runs import POLICY

MINUTE, HOUR = 60_000, 3_600_000


def attempts(run_id: str, reachable_ms: int, takes_ms: int = 0) -> tuple[list[int], bool]:
    """When a message is tried, in milliseconds after it was made, and whether it arrives."""
    tried, at, number = list[int](), 0, 1
    while True:
        tried.append(at)
        if at >= reachable_ms:
            return tried, True
        following = next_attempt_ms(
            POLICY.retry, run_id=run_id, attempt=number, effective_ms=0, failed_ms=at + takes_ms
        )
        if following is None:
            return tried, False
        at, number = following, number + 1


@pytest.mark.parametrize("takes_ms", [0, 30_000])
@pytest.mark.parametrize("run_id", ["a", "b", "c"])
def test_an_hour_without_the_target_costs_seven_attempts_and_at_most_three_hours(run_id: str, takes_ms: int) -> None:
    tried, arrived = attempts(run_id, HOUR, takes_ms)
    assert arrived
    assert len([at for at in tried if at < HOUR]) <= 7
    assert tried[-1] <= 3.2 * HOUR


@pytest.mark.parametrize("run_id", ["a", "b", "c"])
def test_a_target_that_is_gone_is_tried_ten_times_within_sixteen_hours(run_id: str) -> None:
    tried, arrived = attempts(run_id, 1_000 * HOUR, takes_ms=30_000)
    assert (arrived, len(tried)) == (False, 10)
    assert 12 * HOUR < tried[-1] < 16 * HOUR
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert pauses[:-1] == sorted(pauses[:-1])
    assert pauses[0] <= 10_000 + 30_000
    assert max(pauses) <= 6 * HOUR + MINUTE
