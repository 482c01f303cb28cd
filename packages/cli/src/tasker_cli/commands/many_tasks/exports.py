"""`tasker export`: tasks as a file that `tasker import` takes back."""

import os
import sys
import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from tasker_cli.commands.task_filters import Failures, Handler, Last, PausedBy, Search, State, Tag
from tasker_cli.connection.session import session_of
from tasker_cli.errors import CommandFailed
from tasker_cli.output.screen import end_quietly


class FileFormat(StrEnum):
    """The formats of files of tasks."""

    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CRONTAB = "crontab"


_ENDINGS: Final = {
    ".json": FileFormat.JSON,
    ".ndjson": FileFormat.NDJSON,
    ".jsonl": FileFormat.NDJSON,
    ".yaml": FileFormat.YAML,
    ".yml": FileFormat.YAML,
    ".cron": FileFormat.CRONTAB,
    ".crontab": FileFormat.CRONTAB,
}


def export_tasks(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file; it is whole, or not there.", show_default="standard output"),
    ] = None,
    file_format: Annotated[
        FileFormat | None,
        typer.Option("--format", help="How it is written.", show_default="by the file's ending, else yaml"),
    ] = None,
    search: Search = None,
    tag: Tag = None,
    handler: Handler = None,
    state: State = None,
    last: Last = None,
    failures: Failures = None,
    paused_by: PausedBy = None,
) -> None:
    """Write tasks to a file that `tasker import` takes back; without conditions all of them."""
    session = session_of(context)
    pieces = session.client.exports.content(
        (file_format or format_of(output) or FileFormat.YAML).value,
        q=search,
        tag=tag,
        handler=handler,
        state=None if state is None else state.value,
        last_outcome=None if last is None else last.value,
        min_failures=failures,
        paused_by=paused_by,
    )
    if output is not None:
        _to_file(pieces, output)
        session.screen.remark(f"written to {output}")
        return
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        end_quietly()


def format_of(file: Path | None) -> FileFormat | None:
    """The format that the ending of a file's name says, if it says one."""
    if file is not None and file.name == "crontab":
        return FileFormat.CRONTAB
    return None if file is None else _ENDINGS.get(file.suffix)


def _to_file(pieces: Iterable[bytes], output: Path) -> None:
    """Beside it first: what breaks off leaves the file as it was."""
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as written:
            try:
                written.writelines(pieces)
                written.flush()
                Path(written.name).chmod(0o666 & ~_umask())
                Path(written.name).replace(output)
            except BaseException:
                Path(written.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CommandFailed(f"{output} can't be written: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
