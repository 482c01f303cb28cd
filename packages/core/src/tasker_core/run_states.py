"""PURE. The states of a run, as the execution log shows them, and the legal moves between them: one table.

`docs/state-machine.md` draws it. A run has a state from its first report on: one that was emitted and waits for a slot
is not in the log yet.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeGuard

from tasker_core.messages.runs import Outcome

RunState = Literal["running", "waiting", "retrying", Outcome]
AttemptRule = Literal["same or later", "later", "any"]
"""Which attempt, compared with the one that is shown, a report must be of for its move to be legal."""

_FINAL: Final[Mapping[RunState, AttemptRule]] = {
    "succeeded": "any",
    "failed": "any",
    "cancelled": "any",
    "skipped": "any",
}
MOVES: Final[Mapping[RunState, Mapping[RunState, AttemptRule]]] = {
    "running": {"running": "later", "waiting": "same or later", "retrying": "same or later", **_FINAL},
    "waiting": {"running": "later", "waiting": "later", "retrying": "same or later", **_FINAL},
    "retrying": {"running": "later", "waiting": "later", "retrying": "later", **_FINAL},
    "succeeded": {},
    "failed": {},
    "cancelled": {},
    "skipped": {},
}
"""From → to → of which attempt. The first report may show any state; no move leads on from a final one."""

RUN_STATES: Final[tuple[RunState, ...]] = tuple(MOVES)
FINAL_STATES: Final[frozenset[RunState]] = frozenset(state for state, moves in MOVES.items() if not moves)
UNFINISHED_STATES: Final[frozenset[RunState]] = frozenset(MOVES) - FINAL_STATES
FINAL_RANK: Final = 2**63 - 1
_STAGES: Final[Mapping[RunState, int]] = {"running": 0, "waiting": 1, "retrying": 2}


def is_final(state: RunState) -> TypeGuard[Outcome]:
    """Whether nothing more comes of the run."""
    return state in FINAL_STATES


def is_legal(state: RunState, attempt: int, new_state: RunState, new_attempt: int) -> bool:
    """Whether a run that shows one state and attempt moves on when it is reported in another one."""
    match MOVES[state].get(new_state):
        case None:
            return False
        case "later":
            return new_attempt > attempt
        case "same or later":
            return new_attempt >= attempt
        case "any":
            return True


def run_rank(state: RunState, attempt: int) -> int:
    """How far a run has come, as a number: a move is legal if and only if it grows. It is kept in documents."""
    return FINAL_RANK if is_final(state) else 3 * attempt + _STAGES[state]
