"""The HTTP shapes of what is done to runs: cancel, rerun, backfill."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasker_core.events.event_data import DEFAULT_RATE, MAX_RATE, MAX_TIMES
from tasker_core.time.instant import Instant


class CancelAsked(BaseModel):
    """The cancel is on its way to whoever has the runs; what becomes of them shows in the log. No `run_id`: all."""

    event_id: str
    task_id: str
    run_id: str | None


class RerunInput(BaseModel):
    """What to run again with. Without `payload`, what the run had."""

    model_config = ConfigDict(extra="forbid")

    payload: JsonValue = None
    note: Annotated[str, Field(max_length=900)] | None = None


class BackfillInput(BaseModel):
    """Which past nominal times to run: from `start` up to, without, `end`; or `times`; or `only` some in the log.

    `only` takes those that are recorded as missed, or whose runs failed, and that no other run has made good since;
    `start` and `end` may bound them. At most 1,000 are taken at once, the oldest first. `rate` is in runs a minute;
    `dry_run` counts and runs nothing.
    """

    model_config = ConfigDict(extra="forbid")

    start: str | None = None
    end: str | None = None
    times: Annotated[list[str], Field(min_length=1, max_length=MAX_TIMES)] | None = None
    only: Literal["missed", "failed"] | None = None
    rate: Annotated[int, Field(ge=1, le=MAX_RATE)] = DEFAULT_RATE
    dry_run: bool = False


class Backfilled(BaseModel):
    """A backfill. `event_id` null: nothing was begun, because nothing is to be run or it was a dry run.

    `count` nominal times are run, from `first` to `last` (null: a repeated request is not counted again); `is_more`:
    there are more in the range than were counted. `cut` more of the `only` kind were left for another request, at
    least so many when `cut_is_more`.
    """

    event_id: str | None
    task_id: str
    rate: int
    count: int | None
    is_more: bool = False
    cut: int = 0
    cut_is_more: bool = False
    first: Instant | None = None
    last: Instant | None = None
