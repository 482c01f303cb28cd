"""How the time is shared between what is urgent and all else."""

import pytest

from tasker_log_sink.consuming.read_turns import MAX_WAIT_SECONDS, ReadTurns


def others_share(urgent_seconds: float, others_seconds: float) -> float:
    """Of the time, while there is always more of both."""
    turns, now = ReadTurns(), 0.0
    spent = {True: 0.0, False: 0.0}
    for _ in range(10_000):
        is_urgent = turns.is_urgents(now)
        if not is_urgent:
            turns.note_others_read(now)
        seconds = urgent_seconds if is_urgent else others_seconds
        spent[is_urgent] += seconds
        now += seconds
    return spent[False] / now


@pytest.mark.parametrize(("others_seconds", "share"), [(0.01, 1 / 8), (0.05, 1 / 8), (0.5, 1 / 4)])
def test_others_have_an_eighth_of_the_time_or_never_wait_long(others_seconds: float, share: float) -> None:
    assert others_share(0.002, others_seconds) == pytest.approx(share, rel=0.05)


def test_after_a_stall_others_do_not_wait_long() -> None:
    turns = ReadTurns()
    turns.note_others_read(0.0)
    assert turns.is_urgents(60.0)
    assert not turns.is_urgents(60.0 + MAX_WAIT_SECONDS)
