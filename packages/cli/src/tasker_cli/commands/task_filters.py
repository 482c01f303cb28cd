"""The options by which many tasks are chosen, as in `tasker tasks list`."""

from enum import StrEnum
from typing import Annotated

import typer


class TaskStateWord(StrEnum):
    """The states of tasks."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class LastOutcomeWord(StrEnum):
    """How the newest run has ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    NONE = "none"


Search = Annotated[
    list[str] | None,
    typer.Option("--search", "-q", metavar="WORD", help="Beginnings of words of the id, the name or the tags."),
]
Tag = Annotated[list[str] | None, typer.Option("--tag", help="A tag that it has; several: all of them.")]
Handler = Annotated[str | None, typer.Option("--handler", help="What carries it out.")]
State = Annotated[TaskStateWord | None, typer.Option("--state", help="Its state.")]
Last = Annotated[LastOutcomeWord | None, typer.Option("--last", help="How its newest run has ended.")]
Failures = Annotated[int | None, typer.Option("--failures", min=1, max=100, help="At least so many failures in a row.")]
PausedBy = Annotated[str | None, typer.Option("--paused-by", help="Who paused it; `tasker`: itself.")]
