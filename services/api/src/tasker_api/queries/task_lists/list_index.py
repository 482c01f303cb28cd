"""PURE. The index by which a list of tasks is read in its order, where no part of its filter is passed by few.

(Each index is defined in tasker_core/documents/indexes.py. In the order of their next times: tasks_by_next_time.py.)
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_core.documents.tasks import TaskField

Indexes = Mapping[TaskField, str]
"""By the field that orders them, the indexes of all tasks, or of those that pass a part of a filter."""
OF_ALL: Final[Indexes] = {
    "name": "listed_by_name",
    "_id": "of_all_by_id",
    "created_at": "of_all_by_creation",
    "updated_at": "of_all_by_update",
    "last_outcome": "listed_by_outcome",
    "failures": "listed_by_failures",
}
_OF_IDLE: Final[Indexes] = {
    "name": "of_state",
    "_id": "of_idle_by_id",
    "created_at": "of_idle_by_creation",
    "updated_at": "of_idle_by_update",
    "last_outcome": "of_idle_by_outcome",
    "failures": "of_idle_by_failures",
}
_OF_FAILING: Final[Indexes] = {
    "name": "of_failing_by_name",
    "_id": "of_failing_by_id",
    "created_at": "of_failing_by_creation",
    "updated_at": "of_failing_by_update",
    "last_outcome": "of_failing_by_outcome",
    "failures": "listed_by_failures",
}
_OF_OUTCOME: Final[Indexes] = {
    "name": "of_outcome",
    "_id": "listed_by_outcome",
    "last_outcome": "listed_by_outcome",
    "failures": "of_outcome_by_failures",
}
_OF_UNUSUAL: Final[Indexes] = {
    **_OF_OUTCOME,
    "created_at": "of_unusual_by_creation",
    "updated_at": "of_unusual_by_update",
}
_OF_TAG: Final[Indexes] = {
    "name": "of_tag",
    "_id": "of_tag_by_id",
    "created_at": "of_tag_by_creation",
    "updated_at": "of_tag_by_update",
    "last_outcome": "of_tag_by_outcome",
}


def index_in_order(field: TaskField, task_filter: TaskFilter) -> str:
    """The index that has tasks in the order of a field: of those alone that pass a part of the filter, if there is one.

    Of several parts the one that fewest tasks pass as a rule.
    """
    return next((part[field] for part in _parts(task_filter) if field in part), OF_ALL[field])


def _parts(one: TaskFilter) -> Iterator[Indexes]:
    if one.paused_by is not None:
        yield {**_OF_IDLE, "name": "of_pauser"}
    if one.state in ("paused", "finished"):
        yield _OF_IDLE
    if (one.min_failures or 0) >= 1:
        yield _OF_FAILING
    if one.then is not None:
        yield {"name": "of_successor"}
    if one.last_outcome not in (None, "succeeded"):
        yield _OF_UNUSUAL
    if one.tags or len(one.within) == 1:
        yield _OF_TAG
    if one.handler is not None:
        yield {"name": "of_handler"}
    if one.last_outcome is not None:
        yield _OF_OUTCOME
    if one.state is not None:
        yield {"name": "of_state"}
