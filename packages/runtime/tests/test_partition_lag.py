"""How much of a partition is unread, and for how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_runtime.kafka.client import KafkaError, KafkaTimeout, TopicPartition
from tasker_runtime.kafka.partition_lag import MAX_FAILED_LOOKS, MAX_LOOKS, Lag, LagLooks, LagTracker

P = TopicPartition("tasker.results", 3)


def test_what_is_read_has_no_lag() -> None:
    lags = LagTracker()
    assert lags.look(P, 10, 10, 1.0) == Lag(0, 0.0)
    assert lags.look(P, 12, 10, 2.0) == Lag(0, 0.0)


def test_the_age_is_that_of_the_oldest_unread_record_since_it_was_seen() -> None:
    lags = LagTracker()
    lags.look(P, 10, 10, 0.0)
    assert lags.look(P, 10, 20, 5.0) == Lag(10, 0.0)
    assert lags.look(P, 10, 20, 10.0) == Lag(10, 5.0)
    assert lags.look(P, 15, 30, 15.0) == Lag(15, 10.0)
    assert lags.look(P, 20, 30, 20.0) == Lag(10, 5.0), "record 20 was seen at 15 s"
    assert lags.look(P, 30, 30, 25.0) == Lag(0, 0.0)


def test_what_is_always_read_soon_has_no_age() -> None:
    lags = LagTracker()
    assert [lags.look(P, n * 10, n * 10 + 3, n * 5.0) for n in range(5)] == [Lag(3, 0.0)] * 5


def test_what_was_there_before_the_first_look_counts_from_then_on() -> None:
    lags = LagTracker()
    assert lags.look(P, 0, 100, 50.0) == Lag(100, 0.0)
    assert lags.look(P, 50, 100, 60.0) == Lag(50, 10.0)


def test_a_long_backlog_takes_little_memory_and_keeps_its_age() -> None:
    lags, lag = LagTracker(), Lag(0, 0.0)
    for second in range(10 * MAX_LOOKS):
        lag = lags.look(P, 0, second, float(second))
    assert lag == Lag(10 * MAX_LOOKS - 1, 10 * MAX_LOOKS - 2)
    assert len(lags._looks[P]) <= MAX_LOOKS  # pyright: ignore[reportPrivateUsage] -- its memory is the point


def test_partitions_that_went_are_forgotten() -> None:
    lags = LagTracker()
    lags.look(P, 0, 5, 0.0)
    assert lags.retain([P]) == []
    assert lags.retain([]) == [P]
    assert lags.look(P, 0, 5, 9.0) == Lag(5, 0.0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=60))
def test_the_age_counts_from_the_look_that_saw_the_record(steps: list[tuple[int, int]]) -> None:
    """Against the plain enumeration: each record with the look that saw it first."""
    lags, arrived, position = LagTracker(), list[int](), 0
    for now, (new, read) in enumerate(steps, 1):
        arrived += [now] * new
        position = min(len(arrived), position + read)
        lag = lags.look(P, position, len(arrived), float(now))
        waiting = arrived[position:]
        assert lag == Lag(len(waiting), float(now - waiting[0]) if waiting else 0.0)


async def test_looks_that_fail_give_up_once_until_one_is_answered() -> None:
    given_up = list[int]()
    looks = LagLooks(lambda: given_up.append(1))

    async def answered() -> int:
        return 7

    async def away() -> int:
        raise KafkaError("away")

    async def late() -> int:
        raise KafkaTimeout("late")

    async def wrong() -> int:
        raise ZeroDivisionError

    for _ in range(2):
        assert await looks.look(answered) == 7
        given_up.clear()
        for ask in (away, late) * MAX_FAILED_LOOKS:
            assert await looks.look(ask) is None
        assert given_up == [1]
    with pytest.raises(ZeroDivisionError):
        await looks.look(wrong)
