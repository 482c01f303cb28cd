"""PURE. The index by which a list of tasks is read in its order, where no part of its filter is passed by few."""

from collections.abc import Mapping
from typing import Final

from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_core.documents.tasks import TaskField

_OF_ALL: Final[Mapping[TaskField, str]] = {
    "name": "listed_by_name",
    "_id": "in_order_of_id",
    "created_at": "in_order_of_creation",
    "updated_at": "in_order_of_update",
    "next_at": "listed_by_next",
    "last_outcome": "listed_by_outcome",
    "failures": "listed_by_failures",
}
"""The index that has all tasks in the order of a field."""


def index_in_order(field: TaskField, task_filter: TaskFilter) -> str:
    """The index that has tasks in the order of a field: of those alone that pass a part of the filter, if there is one.

    Of several parts the one that fewest tasks pass as a rule. (Each index is defined in tasker_core/documents/indexes.)
    """
    one = task_filter
    is_unusual = one.last_outcome not in (None, "succeeded")
    match field:
        case "name":
            parts = {
                "of_pauser": one.paused_by is not None,
                "of_successor": one.then is not None,
                "of_outcome": is_unusual,
                "of_tag": bool(one.tags),
                "of_handler": one.handler is not None,
                "of_state": one.state is not None,
            }
        case "next_at":
            is_idle = one.state in ("paused", "finished") or one.paused_by is not None
            parts = {"of_idle_by_next": is_idle, "of_unusual_by_next": is_unusual}
        case "failures":
            parts = {"of_outcome_by_failures": one.last_outcome is not None}
        case "last_outcome":
            parts = {"of_failing_by_outcome": (one.min_failures or 0) >= 1}
        case _:
            parts = dict[str, bool]()
    return next((index for index, serves in parts.items() if serves), _OF_ALL[field])
