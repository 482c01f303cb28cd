"""How the time is shared between what is urgent and all else."""

import pytest

from tasker_log_sink.consuming.read_turns import MAX_WAIT_SECONDS, OTHERS_AT_ONCE, URGENT_SECONDS, ReadTurns


def others_share(urgent_seconds: float, others_seconds: float) -> float:
    """Of the time, while there is always more of both."""
    turns, now = ReadTurns(), 0.0
    spent = {True: 0.0, False: 0.0}
    for _ in range(10_000):
        is_urgent = turns.is_urgents(now)
        turns.note_read(now, is_urgent=is_urgent)
        seconds = urgent_seconds if is_urgent else others_seconds
        spent[is_urgent] += seconds
        now += seconds
    return spent[False] / now


@pytest.mark.parametrize(("others_seconds", "share"), [(0.01, 1 / 8), (0.05, 1 / 8), (0.5, 1 / 4)])
def test_others_have_an_eighth_of_the_time_or_never_wait_long(others_seconds: float, share: float) -> None:
    assert others_share(0.002, others_seconds) == pytest.approx(share, rel=0.05)


def test_after_a_stall_others_do_not_wait_long() -> None:
    turns = ReadTurns()
    turns.note_read(0.0, is_urgent=False)
    assert turns.is_urgents(60.0)
    assert not turns.is_urgents(60.0 + MAX_WAIT_SECONDS)


def test_while_only_urgent_ones_come_it_is_never_the_others_that_are_charged() -> None:
    turns = ReadTurns()
    for n in range(100):
        turns.note_read(float(n), is_urgent=True)
        assert not turns.is_urgents(n + 0.5)


def test_others_are_read_a_little_at_once_only_where_something_urgent_may_come() -> None:
    turns = ReadTurns()
    assert turns.limit(5_000, 0.0) == 5_000
    turns.note_read(1.0, is_urgent=True)
    assert (turns.limit(5_000, 2.0), turns.limit(3, 2.0)) == (OTHERS_AT_ONCE, 3)
    assert turns.limit(5_000, 1.0 + URGENT_SECONDS) == 5_000
