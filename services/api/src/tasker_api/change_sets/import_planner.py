"""Plans imports: a file that lies on disk, held against the tasks as they stand, some entries at a time."""

import asyncio
from collections import ChainMap
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from time import monotonic
from typing import IO, Any, Final, cast

from tasker_api.change_sets.import_plan import PlannedTask, TaskCheck, anything, planned
from tasker_api.queries.tasks import TaskQueries
from tasker_core.access.key_tags import KeyTags
from tasker_core.chains.links import MAX_SUCCESSORS
from tasker_core.documents.tasks import TaskDocument
from tasker_core.errors import FieldError
from tasker_core.ids import is_task_id
from tasker_core.task import HandlerCheck, Task
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import Entry, Format, ImportedTask
from tasker_core.task_files.task_file import read_task_file

ENTRIES: Final = 100
SECONDS: Final = 0.1
"""So many entries are read and checked in one go, or those of so long."""
_READING: Final = ThreadPoolExecutor(1, "task-files")
"""Off the event loop, and one file at a time, in turns: however many come, other requests are answered beside them."""
CHUNK: Final = 64 * 1024
CheckOf = Callable[[object], Awaitable[HandlerCheck]]


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file from its beginning."""
    file.seek(0)
    return iter(lambda: file.read(CHUNK), b"")


class ImportPlanner:
    """`check_of` finds the check of a handler, `key_tags` say which tasks are those of whoever imports."""

    def __init__(self, tasks: TaskQueries, check_of: CheckOf, key_tags: KeyTags) -> None:
        self._tasks, self._check_of, self._key_tags = tasks, check_of, key_tags

    async def plan(
        self, file: IO[bytes], file_format: Format, options: CrontabOptions | None, now: int
    ) -> AsyncGenerator[list[PlannedTask]]:
        """What becomes of the entries of a file, in their order. Raises PyMongoError."""
        entries = read_task_file(chunks_of(file), file_format, options)
        loop, made = asyncio.get_running_loop(), dict[str, Sequence[str]]()
        while some := await loop.run_in_executor(_READING, _next, entries):
            named = [one for one in some if isinstance(one, ImportedTask)]
            stored = await self._tasks.find_many([one.task_id for one in named])
            handlers: dict[object, HandlerCheck] = {}
            for one in named:
                handler = one.definition.get("handler", "default")
                if isinstance(handler, str) and handler not in handlers:
                    handlers[handler] = await self._check_of(handler)
            allowed = await self._task_check(named, made) if self._key_tags.tags else anything
            yield await loop.run_in_executor(_READING, _planned, some, stored, handlers, now, allowed)

    async def _task_check(self, entries: Sequence[ImportedTask], made: dict[str, Sequence[str]]) -> TaskCheck:
        """Keeps entries to the tasks of a key, as single edits are.

        What the file has made so far is in `made`, by id its tags: later entries may start that.
        """
        successors = {name for one in entries for name in _successors(one.definition)}
        names = list(successors.union(one.task_id for one in entries))
        tags_of: dict[str, Sequence[str]] = {**await self._tasks.tags_of(names)}
        key_tags = self._key_tags

        def allowed(task: Task) -> Sequence[FieldError]:
            if not key_tags.may_take(tags_of.get(task.id)):
                return [FieldError(pointer="/id", message="is of a task that this key may not see: choose another one")]
            errors = key_tags.errors_of(task.tags, [link.task for link in task.then], ChainMap(made, tags_of))
            if not errors:
                made[task.id] = task.tags
            return errors

        return allowed


def _next(entries: Iterator[Entry]) -> list[Entry]:
    found, end = list[Entry](), monotonic() + SECONDS
    for entry in islice(entries, ENTRIES):
        found.append(entry)
        if monotonic() > end:
            break
    return found


def _planned(
    entries: Iterable[Entry],
    stored: Mapping[str, TaskDocument],
    handlers: Mapping[object, HandlerCheck],
    now: int,
    allowed: TaskCheck,
) -> list[PlannedTask]:
    found = list[PlannedTask]()
    for entry in entries:
        if isinstance(entry, ImportedTask):
            handler = entry.definition.get("handler", "default")
            check = handlers.get(handler) if isinstance(handler, str) else None
            found.append(planned(entry, stored.get(entry.task_id), check or _unchecked, now, allowed))
        else:
            found.append(planned(entry, None, _unchecked, now))
    return found


def _successors(definition: Mapping[str, Any]) -> set[str]:
    """The tasks that one starts, as far as they are named in its definition, whatever else is there."""
    found = set[str]()
    if isinstance(links := definition.get("then"), list):
        for link in cast("list[object]", links)[:MAX_SUCCESSORS]:
            name = cast("dict[str, object]", link).get("task") if isinstance(link, dict) else None
            if isinstance(name, str) and is_task_id(name):
                found.add(name)
    return found


def _unchecked(handler: str, payload: object) -> list[FieldError]:
    """What is no name of a handler is refused as such."""
    del handler, payload
    return []
