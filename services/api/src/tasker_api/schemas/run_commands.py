"""The HTTP shapes of what is done to runs: trigger, rerun, cancel."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class TriggerInput(BaseModel):
    """What to run the task with now. Without `payload`, the task's own."""

    model_config = ConfigDict(extra="forbid")

    payload: JsonValue = None
    note: Annotated[str, Field(max_length=1000)] | None = None


class RerunInput(BaseModel):
    """What to run again with. Without `payload`, what the run had."""

    model_config = ConfigDict(extra="forbid")

    payload: JsonValue = None
    note: Annotated[str, Field(max_length=900)] | None = None


class TriggerResponse(BaseModel):
    """The run that a trigger made."""

    model_config = ConfigDict(title="Triggered")

    event_id: str
    task_id: str
    run_id: str


class CancelResponse(BaseModel):
    """The cancel is on its way to whoever has the runs; what becomes of them shows in the log. No `run_id`: all."""

    model_config = ConfigDict(title="CancelAsked")

    event_id: str
    task_id: str
    run_id: str | None
