"""The event by which the end of a run starts another task."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from tasker_core.chains.links import MAX_CHAIN, FinalOutcome, Predecessor
from tasker_core.errors import at_most
from tasker_core.events.event_data import InstantText, RunId, validated
from tasker_core.events.event_origin import EventOrigin
from tasker_core.ids import TaskId
from tasker_core.time.instant import parse_second

_LONGEST: Final = 2 * MAX_CHAIN
"""A chain that is too long is refused with its tasks; one that is longer than this, unread."""


class PredecessorData(BaseModel):
    """The run whose end starts another one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: TaskId
    run_id: RunId
    nominal_at: InstantText
    outcome: FinalOutcome


class ChainData(BaseModel):
    """`chain`, from executors: start a task, because a run has ended that starts it.

    `after` is that run, `chain` the run's own chain and then its task, `lane` the one in which the run travelled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: TaskId
    after: PredecessorData
    chain: Annotated[tuple[TaskId, ...], Field(min_length=1, max_length=_LONGEST), at_most(_LONGEST)]
    lane: Literal["live", "background"] = "live"

    @field_validator("chain")
    @classmethod
    def _ends_with_the_run(cls, chain: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        after = info.data.get("after")
        if after is not None and chain[-1] != after.task_id:
            raise ValueError(f"must end with the task of the run, {after.task_id}")
        return chain


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEvent:
    """A run has ended that starts the event's task: which run (due nominally at a second), and what chain led to it.

    `late`: the run travelled in the background lane, and so does what it starts.
    """

    origin: EventOrigin
    after: Predecessor
    nominal: int
    chain: tuple[str, ...]
    late: bool = False


def parse_chain_event(origin: EventOrigin, data: Any) -> ChainEvent:
    """The event as it is applied. Raises InvalidInput."""
    given = validated(ChainData, data)
    after = Predecessor(**given.after.model_dump())
    late = given.lane == "background"
    return ChainEvent(origin=origin, after=after, nominal=parse_second(after.nominal_at), chain=given.chain, late=late)
