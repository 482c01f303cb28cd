"""The agenda, against a model of it: a dictionary from name to second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.memory.agenda import Agenda

names, seconds = st.sampled_from("abcde"), st.integers(0, 9) | st.just(NEVER)


@given(st.lists(st.tuples(names, seconds, st.none() | st.sets(names))))
def test_it_holds_what_a_dictionary_would_hold(steps: list[tuple[str, int, set[str] | None]]) -> None:
    agenda, seconds_by_name = Agenda(), dict[str, int]()
    for name, second, kept in steps:
        agenda.remove(name, seconds_by_name.pop(name, NEVER))
        agenda.add(name, second)
        seconds_by_name[name] = second
        if kept is not None and second < NEVER:
            stays = sorted(n for n, s in seconds_by_name.items() if s == second and n in kept)
            agenda.keep_only(second, stays)
            seconds_by_name = {n: s for n, s in seconds_by_name.items() if s != second or n in stays}
        expected = {n: s for n, s in seconds_by_name.items() if s < NEVER}
        assert len(agenda) == len(expected)
        assert agenda.first() == min(expected.values(), default=NEVER)
        assert agenda.at(agenda.first()) == sorted(n for n, s in expected.items() if s == agenda.first())
        assert [agenda.count(s) for s in range(10)] == [list(expected.values()).count(s) for s in range(10)]


def test_a_name_that_is_not_there_cannot_be_removed() -> None:
    agenda = Agenda()
    agenda.add("a", 1)
    with pytest.raises(KeyError):
        agenda.remove("b", 1)
    with pytest.raises(KeyError):
        agenda.remove("a", 2)


def test_what_is_moved_again_and_again_leaves_nothing_behind() -> None:
    agenda = Agenda()
    agenda.add("soon", 1)
    for second in range(10_000):
        agenda.add("moved", 10**9 + second)
        agenda.remove("moved", 10**9 + second)
    assert len(agenda._seconds) <= 100  # pyright: ignore[reportPrivateUsage] -- its memory is the point
    assert (agenda.first(), agenda.at(1), len(agenda)) == (1, ["soon"], 1)
    many = Agenda()
    for second in range(1_000):
        many.add(f"t{second}", second)
    for second in range(900):
        many.remove(f"t{second}", second)
    many.add("last", 5_000)
    assert len(many._seconds) <= 2 * 101 + 65  # pyright: ignore[reportPrivateUsage] -- as above
    assert many.first() == 900
