"""The agenda, as a model: a dictionary from name to second."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.schedule import NEVER
from tasker_ticker.agenda import Agenda

names, seconds = st.sampled_from("abcde"), st.integers(0, 9) | st.just(NEVER)


@given(st.lists(st.tuples(names, seconds)))
def test_it_holds_what_a_dictionary_would_hold(steps: list[tuple[str, int]]) -> None:
    agenda, model = Agenda(), dict[str, int]()
    for name, second in steps:
        agenda.put(name, second)
        model[name] = second
        standing = {n: s for n, s in model.items() if s < NEVER}
        assert len(agenda) == len(standing)
        assert agenda.first() == min(standing.values(), default=NEVER)
        assert agenda.at(agenda.first()) == sorted(n for n, s in standing.items() if s == agenda.first())
