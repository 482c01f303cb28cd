"""One link of a chain: what a task says of the tasks that come after it, and what a run says of the one before it."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from tasker_core.errors import FieldError, at_most
from tasker_core.ids import TaskId

MAX_SUCCESSORS: Final = 20
MAX_CHAIN: Final = 20
"""So many tasks can follow one another in a chain, the first one counted."""

FinalOutcome = Literal["succeeded", "failed"]
"""The ends of a run that can start something; what was cancelled or skipped starts nothing."""
StartsOn = Literal["succeeded", "failed", "any"]


class ChainLink(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A task that is started when a run has ended, and after which outcome of it (`any`: succeeded or failed)."""

    task: str
    on: StartsOn = "succeeded"

    def follows(self, outcome: str) -> bool:
        """Whether a run that has ended so for good starts it."""
        return self.on == outcome or (self.on == "any" and outcome in ("succeeded", "failed"))


class Predecessor(msgspec.Struct, frozen=True, gc=False):
    """The run whose end has started another one: its result is `GET /api/v1/runs/<run_id>`."""

    task_id: str
    run_id: str
    nominal_at: str
    outcome: FinalOutcome


class Successor(BaseModel):
    """A task to be started when a run of this one has ended for good: `on` which outcome (`any`: either)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: TaskId
    on: StartsOn = "succeeded"


Successors = Annotated[tuple[Successor, ...], Field(max_length=MAX_SUCCESSORS), at_most(MAX_SUCCESSORS)]


def successor_errors(task_id: str, then: Sequence[Successor]) -> list[FieldError]:
    """What is wrong with the successors of a task, whatever other tasks there are; pointers are from the task."""
    errors, named = list[FieldError](), dict[str, int]()
    for number, successor in enumerate(then):
        place = f"/then/{number}/task"
        if successor.task == task_id:
            message = "a task can't start itself: give it a schedule, or let it be tried again by `retry`"
            errors.append(FieldError(pointer=place, message=message))
        elif (first := named.setdefault(successor.task, number)) != number:
            message = f"{successor.task} is named by /then/{first} already; for both outcomes say on: any there"
            errors.append(FieldError(pointer=place, message=message))
    return errors


def chain_path(*task_ids: str) -> str:
    """Tasks that follow one another, as people read it."""
    return " → ".join(task_ids)


def start_error(chain: Sequence[str], successor: str) -> str | None:
    """Why the last run of a chain must not start a successor; None when it may.

    `chain` are the tasks whose runs have started one another, first to last. It holds whatever the tasks say by now:
    two definitions that were accepted at the same time can close a circle that neither of them could see.
    """
    path = chain_path(*chain, successor)
    if successor in chain:
        return f"closes a circle: {path}; take it out of one of the tasks' `then`"
    if len(chain) >= MAX_CHAIN:
        return f"makes a chain of {len(chain) + 1} tasks ({path}); at most {MAX_CHAIN} can follow one another"
    return None
