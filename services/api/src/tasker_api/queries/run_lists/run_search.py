"""What a search of the execution log means: a few runs, or the runs of a few tasks."""

import re
from typing import Final, NamedTuple

from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.task_lists.task_filter import TaskFilter
from tasker_api.queries.tasks import TaskQueries
from tasker_core.errors import FieldError, InvalidInput

MAX_FOUND: Final = 100
"""Of so many tasks the runs are merged by their index; of more, whoever searches is asked to say more."""
_BEGIN_OF_RUN_ID: Final = re.compile(r"[0-9a-f]{6,32}")


class Found(NamedTuple):
    """The runs, or the tasks, that a search has found; the other one is None."""

    run_ids: list[str] | None
    task_ids: list[str] | None


ALL: Final = Found(None, None)


class RunSearch:
    """Finds runs by the beginning of their id, else tasks as their list does, and deleted ones by their id."""

    def __init__(self, runs: RunQueries, tasks: TaskQueries) -> None:
        self._runs, self._tasks = runs, tasks

    async def find(self, text: str) -> Found:
        """What a text means. Raises InvalidInput when it means too much."""
        if _BEGIN_OF_RUN_ID.fullmatch(text.lower()):
            run_ids = await self._runs.ids_beginning(text.lower(), MAX_FOUND)
            if run_ids:
                return Found(run_ids, None)
        tasks, _ = await self._tasks.page(TaskFilter(q=[text]), "name", MAX_FOUND + 1, None)
        logged = await self._runs.tasks_beginning(text, MAX_FOUND + 1)
        task_ids = list(dict.fromkeys([*(task["_id"] for task in tasks), *logged]))
        if len(task_ids) > MAX_FOUND:
            message = f"more than {MAX_FOUND} tasks are found by it; give more of the id or the name"
            raise InvalidInput([FieldError(pointer="/query/q", message=message)])
        return Found(None, task_ids)
