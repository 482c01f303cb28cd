"""PURE. What a file of tasks is read as: one entry after the other, each with the line at which it begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, cast

from tasker_core.errors import TaskerError

Format = Literal["json", "ndjson", "yaml", "crontab"]
MEDIA_TYPES: Final[dict[str, Format]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/yaml": "yaml",
    "text/x-crontab": "crontab",
}
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
MAX_ENTRY: Final = 1024 * 1024
"""So many characters at most has one task in a file: several times what the largest task has."""
MAX_MARKS: Final = 200_000
"""So many brackets and quotes (in YAML: values) at most has one task, several times what the largest task has: each
takes its time, and behind a task with more of them nothing is read."""
MAX_FAULTS: Final = 10_000
"""After so many entries that can't be read, the rest of a file is not looked at."""


@dataclass(frozen=True, slots=True)
class ImportedTask:
    """A task as a file has it: `definition` as in `POST /tasks`, not checked yet, `id` among it.

    `line` counts from 1. `warnings` say what the file asks for and the task has not, in words.
    """

    task_id: str
    definition: dict[str, Any]
    line: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultyEntry:
    """An entry that is no task, and why. `is_end`: nothing behind it could be read, so that the file is not whole."""

    line: int
    message: str
    is_end: bool = False


Entry = ImportedTask | FaultyEntry


class UnreadableTaskFile(TaskerError):
    """A file cannot be read on from a line: `line` is where, the message says why, and the way out."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


def too_many_marks(line: int) -> UnreadableTaskFile:
    """The error of a task that has more than MAX_MARKS."""
    return UnreadableTaskFile(
        line, f"begins a task of more than {MAX_MARKS:,} values, more than any can have: the rest was not looked at"
    )


class FileObject(NamedTuple):
    """What stands for a task in a file, before it is known to be one."""

    line: int
    value: Any


def task_of(found: FileObject) -> Entry:
    """The task that a value of a file describes, as far as it can be told without checking it."""
    if not isinstance(found.value, dict):
        return FaultyEntry(found.line, "is no object: give each task as an object with its id and its schedule")
    definition = cast("dict[str, Any]", found.value)
    task_id = definition.get("id")
    if task_id is None:
        return FaultyEntry(
            found.line, "has no id: give each task one, so that the same file again changes the same task"
        )
    if not isinstance(task_id, str):
        return FaultyEntry(found.line, "its id is no text: put it in quotes")
    return ImportedTask(task_id, definition, found.line)


def complete(entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries, each id once, up to the end of what can be read; raises nothing that is the file's fault."""
    lines: dict[str, int] = {}
    line, faults = 1, 0
    try:
        for entry in entries:
            line = entry.line
            if isinstance(entry, ImportedTask):
                if (first := lines.get(entry.task_id)) is not None:
                    message = f"the id {entry.task_id[:140]!r} is in line {first}, too: give each task its own"
                    entry = FaultyEntry(line, message)
                else:
                    lines[entry.task_id] = line
            yield entry
            faults += isinstance(entry, FaultyEntry)
            if faults == MAX_FAULTS:
                yield FaultyEntry(
                    line, f"{faults:,} entries can't be read; the rest of the file was not looked at", True
                )
                return
    except UnreadableTaskFile as error:
        yield FaultyEntry(error.line, str(error), True)
