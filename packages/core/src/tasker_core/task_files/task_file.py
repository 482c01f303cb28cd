"""PURE. Reading a file of tasks, whatever its format: entry by entry, in bounded memory."""

from collections.abc import Iterable, Iterator

from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.crontab.reader import crontab_entries
from tasker_core.task_files.entries import Entry, Format, complete
from tasker_core.task_files.json_reader import json_entries, ndjson_entries
from tasker_core.task_files.text_input import lines_of, text_pieces
from tasker_core.task_files.yaml_reader import yaml_entries


def read_task_file(
    chunks: Iterable[bytes], file_format: Format, crontab: CrontabOptions | None = None
) -> Iterator[Entry]:
    """The entries of a file, each with its line, as its bytes come. Nothing that is in a file raises.

    After a FaultyEntry with `is_end` nothing comes. Each entry is an ImportedTask whose definition may still be wrong
    (`parse_task` checks it), or says why it can't be one. No id comes twice.
    """
    pieces = text_pieces(chunks)
    match file_format:
        case "json":
            entries = json_entries(pieces)
        case "ndjson":
            entries = ndjson_entries(lines_of(pieces))
        case "yaml":
            entries = yaml_entries(pieces)
        case "crontab":
            entries = crontab_entries(lines_of(pieces), crontab or CrontabOptions())
    return complete(entries)
