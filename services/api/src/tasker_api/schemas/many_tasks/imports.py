"""The HTTP shapes of imports: what a file of tasks would change."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tasker_api.schemas.task_history import FieldChange
from tasker_core.errors import FieldError

PlannedAction = Literal["create", "change", "same", "invalid"]


class ImportItem(BaseModel):
    """What an import does with one entry of a file. `line` is where it begins; `task_id` null: it has none.

    `changes` lead from the task as it stands to the one in the file, `changes_left_out` are too many to be shown.
    """

    task_id: str | None
    line: int
    action: PlannedAction
    changes: list[FieldChange]
    changes_left_out: int
    errors: list[FieldError]
    warnings: list[str]


class ImportCounts(BaseModel):
    """How many entries do what."""

    create: int = 0
    change: int = 0
    same: int = 0
    invalid: int = 0


class ImportPlan(BaseModel):
    """What an import would do. `plan` names it: give it when the same file is applied.

    `items` are the first 1,000 entries (with `Accept: application/x-ndjson` all are told, one a line). `is_whole`
    false: behind an entry nothing could be read, so that it can't be applied at all.
    """

    model_config = ConfigDict(title="ImportPlan")

    plan: str
    counts: ImportCounts
    is_whole: bool
    items: list[ImportItem]
