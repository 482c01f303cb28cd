"""The HTTP shapes of callbacks: how a call has ended that was answered with 202."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasker_core.events.event_data import ReportContent


class ReportInput(ReportContent):
    """How the call has ended. Without a body, it succeeded."""

    model_config = ConfigDict(title="Report")


class ReportResponse(BaseModel):
    """The report counts: so the attempt has ended. The same report again gets the same answer."""

    model_config = ConfigDict(title="Reported")

    task_id: str
    run_id: str
    attempt: int
    outcome: Literal["succeeded", "failed"]
