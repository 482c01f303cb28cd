"""The agenda, as a model: a dictionary from name to second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedules.schedule import NEVER
from tasker_ticker.scheduling.memory.agenda import Agenda

names, seconds = st.sampled_from("abcde"), st.integers(0, 9) | st.just(NEVER)


@given(st.lists(st.tuples(names, seconds, st.none() | st.sets(names))))
def test_it_holds_what_a_dictionary_would_hold(steps: list[tuple[str, int, set[str] | None]]) -> None:
    agenda, model = Agenda(), dict[str, int]()
    for name, second, left in steps:
        agenda.remove(name, model.pop(name, NEVER))
        agenda.add(name, second)
        model[name] = second
        if left is not None and second < NEVER:
            stays = sorted(n for n, s in model.items() if s == second and n in left)
            agenda.leave(second, stays)
            model = {n: s for n, s in model.items() if s != second or n in stays}
        standing = {n: s for n, s in model.items() if s < NEVER}
        assert len(agenda) == len(standing)
        assert agenda.first() == min(standing.values(), default=NEVER)
        assert agenda.at(agenda.first()) == sorted(n for n, s in standing.items() if s == agenda.first())
        assert [agenda.count(s) for s in range(10)] == [list(standing.values()).count(s) for s in range(10)]


def test_a_name_that_is_not_there_cannot_be_removed() -> None:
    agenda = Agenda()
    agenda.add("a", 1)
    with pytest.raises(KeyError):
        agenda.remove("b", 1)
    with pytest.raises(KeyError):
        agenda.remove("a", 2)
