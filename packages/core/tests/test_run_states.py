"""The table of states is whole, its rank says the same, and docs/state-machine.md draws it."""

import re
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from tasker_core.messages.runs import Outcome
from tasker_core.run_states import FINAL_STATES, MOVES, RUN_STATES, UNFINISHED_STATES, RunState, is_legal, run_rank

PAGE = (Path(__file__).parents[3] / "docs" / "state-machine.md").read_text(encoding="utf-8")
START_OR_END = "[*]"


def arrows() -> dict[tuple[str, str], str]:
    """(from, to) → label, as drawn."""
    lines = re.findall(r"^ +(\S+) --> ([^\s:]+)(?:: (.*))?$", PAGE, re.MULTILINE)
    assert len({line[:2] for line in lines}) == len(lines)
    return {(origin, target): label for origin, target, label in lines}


def test_every_state_is_in_the_table_and_the_outcomes_are_the_final_ones() -> None:
    assert get_args(RunState) == RUN_STATES
    assert set(get_args(Outcome)) == FINAL_STATES
    assert {"running", "waiting", "retrying"} == UNFINISHED_STATES


@pytest.mark.parametrize("states", list(product(RUN_STATES, RUN_STATES)), ids="-".join)
def test_a_move_is_legal_if_and_only_if_the_rank_grows(states: tuple[RunState, RunState]) -> None:
    state, new_state = states
    for attempt, new_attempt in product((1, 2, 3, 10_000), repeat=2):
        grows = run_rank(new_state, new_attempt) > run_rank(state, attempt)
        assert is_legal(state, attempt, new_state, new_attempt) == grows, (attempt, new_attempt)


def test_the_page_draws_every_legal_move_and_no_other() -> None:
    begins = {(START_OR_END, state) for state in RUN_STATES}
    ends = {(state, START_OR_END) for state in FINAL_STATES}
    moves = {(state, new_state) for state in RUN_STATES for new_state in MOVES[state]}
    assert set(arrows()) == begins | ends | moves


def test_the_page_says_of_which_attempt() -> None:
    words = {"later": "a later attempt", "same or later": "the same attempt or a later one", "any": ""}
    drawn = arrows()
    for state in RUN_STATES:
        for new_state, rule in MOVES[state].items():
            assert drawn[state, new_state] == words[rule]


def test_the_page_says_which_states_are_final() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \|", PAGE, re.MULTILINE)
    assert rows == [(state, "yes" if state in FINAL_STATES else "no") for state in RUN_STATES]
