"""How the time is shared between what is urgent and all else."""

from tasker_log_sink.consuming.read_turns import ReadTurns


def test_others_have_an_eighth_of_the_time_while_there_is_always_more_that_is_urgent() -> None:
    turns, now = ReadTurns(), 0.0
    spent = {True: 0.0, False: 0.0}
    for _ in range(1_000):
        is_urgent = turns.is_urgent(now)
        seconds = 0.05 if is_urgent else 0.4
        if not is_urgent:
            turns.note_others(now)
        spent[is_urgent] += seconds
        now += seconds
    assert 0.10 < spent[False] / now < 0.15


def test_others_are_read_at_once_while_nothing_is_urgent() -> None:
    turns = ReadTurns()
    assert not turns.is_urgent(5.0)
    turns.note_others(5.0)
    assert (turns.is_urgent(6.0), turns.is_urgent(12.9), turns.is_urgent(13.0)) == (True, True, False)
