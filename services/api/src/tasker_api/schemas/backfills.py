"""The HTTP shapes of backfills."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasker_core.events.event_data import DEFAULT_RATE, MAX_RATE, MAX_TIMES
from tasker_core.time.instant import Instant

_Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
_ABSENT: Final[JsonValue] = {"type": "null"}
_NOTHING_NAMED: Final[JsonValue] = {
    "properties": {"only": _ABSENT, "times": _ABSENT},
    "anyOf": [{"properties": {"start": _ABSENT}}, {"properties": {"end": _ABSENT}}],
}
_BESIDE_TIMES: Final[JsonValue] = {
    "required": ["times"],
    "properties": {"times": {"type": "array"}},
    "anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("start", "end", "only")],
}


class BackfillInput(BaseModel):
    """Which past nominal times to run: from `start` up to, without, `end`; or `times`; or `only` some in the log.

    `only` takes those that are recorded as missed, or whose runs failed, and that no other run has made good since;
    `start` and `end` may bound them. At most 1,000 are taken at once, the oldest first. `rate` is in runs a minute;
    `dry_run` counts and runs nothing.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"not": {"anyOf": [_NOTHING_NAMED, _BESIDE_TIMES]}})

    start: _Time | None = None
    end: _Time | None = None
    times: Annotated[list[_Time], Field(min_length=1, max_length=MAX_TIMES)] | None = None
    only: Literal["missed", "failed"] | None = None
    rate: Annotated[int, Field(ge=1, le=MAX_RATE)] = DEFAULT_RATE
    dry_run: bool = False


class BackfillResponse(BaseModel):
    """A backfill. `event_id` null: nothing was begun, because nothing is to be run or it was a dry run.

    `count` nominal times are run, from `first` to `last` (null: a repeated request is not counted again); `is_more`:
    there are more in the range than were counted. `cut` more of the `only` kind were left for another request, at
    least so many when `cut_is_more`.
    """

    model_config = ConfigDict(title="Backfilled")

    event_id: str | None
    task_id: str
    rate: int
    count: int | None
    is_more: bool = False
    cut: int = 0
    cut_is_more: bool = False
    first: Instant | None = None
    last: Instant | None = None
