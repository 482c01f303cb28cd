"""PURE. The entries of a crontab, in its order."""

from collections.abc import Iterable, Iterator

from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.entries import Entry
from tasker_core.task_files.text_input import FileLine


def crontab_entries(lines: Iterable[FileLine], options: CrontabOptions) -> Iterator[Entry]:
    """A task for each line that has a schedule and a command."""
    raise NotImplementedError
