"""PURE. YAML files of tasks, read event by event."""

from collections.abc import Iterable, Iterator

from tasker_core.task_files.entries import Entry


def yaml_entries(pieces: Iterable[str]) -> Iterator[Entry]:
    """The tasks of a list. Raises UnreadableFile."""
    raise NotImplementedError
