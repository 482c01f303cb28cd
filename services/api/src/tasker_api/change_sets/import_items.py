"""PURE. From planned entries of a file to HTTP shapes."""

from tasker_api.change_sets.import_plan import PlannedTask
from tasker_api.schemas.many_tasks.imports import ImportItem
from tasker_api.schemas.task_history import FieldChange


def import_item(one: PlannedTask) -> ImportItem:
    """What an import does with one entry."""
    return ImportItem(
        task_id=one.task_id,
        line=one.line,
        action=one.action,
        changes=[FieldChange(**change._asdict()) for change in one.changes],
        changes_left_out=one.changes_left_out,
        errors=list(one.errors),
        warnings=list(one.warnings),
    )
