"""`tasker import`: a file of tasks is planned, shown, and applied when you agree."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from tasker_cli.commands.arguments import AsJson, DryRun, Note, Yes, confirm
from tasker_cli.commands.many_tasks.exports import FileFormat, format_of
from tasker_cli.commands.many_tasks.progress import NoWait, carry_through
from tasker_cli.connection.session import Session, session_of
from tasker_cli.errors import USAGE, CommandFailed
from tasker_cli.output.screen import printable
from tasker_cli.output.wording import compact, count, state

if TYPE_CHECKING:
    from tasker.rest.shapes import ImportItem, ImportPlan

SHOWN: Final = 50
"""So many entries that create or change something are shown, and all that are wrong."""
_SIGNS: Final = {"create": "+", "change": "~", "invalid": "!"}


class CrontabForm(StrEnum):
    """The two forms of crontabs."""

    USER = "user"
    SYSTEM = "system"


def import_tasks(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON, NDJSON, YAML or a crontab; - reads the input.")],
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="How it is written.", show_default="by the file's ending")
    ] = None,
    form: Annotated[
        CrontabForm | None,
        typer.Option("--form", help="Of a crontab: system has a column of users, as /etc/crontab has."),
    ] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", "-z", help="Of a crontab, until its CRON_TZ.")] = None,
    handler: Annotated[
        str | None, typer.Option("--handler", help="Of a crontab: what runs commands that call no URL.")
    ] = None,
    prefix: Annotated[str | None, typer.Option("--prefix", help="Of the ids of a crontab's tasks.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag for each task of a crontab.")] = None,
    skip_invalid: Annotated[bool, typer.Option("--skip-invalid", help="Import the rest.")] = False,
    note: Note = None,
    change_set: Annotated[
        str | None, typer.Option("--id", help="Names it: the same again goes on, and does nothing twice.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Create and change the tasks of a file; what is not in it stays as it is.

    What would change is shown first. `tasker undo` takes an import back, `tasker export` writes such files.
    """
    session = session_of(context)
    kind, content = _format(file, file_format), _readable(file)
    crontab: dict[str, Any] = {"timezone": timezone, "handler": handler, "prefix": prefix, "tag": tag}
    crontab["form"] = None if form is None else form.value
    plan = session.client.imports.plan(content, kind, **crontab)
    if session.screen.as_json and dry_run:
        session.screen.json(plan)
    elif not session.screen.as_json:
        _show(session, plan)
    counts = plan["counts"]
    invalid, changing = counts.get("invalid", 0), counts.get("create", 0) + counts.get("change", 0)
    if not plan["is_whole"]:
        raise CommandFailed("behind the last entry nothing could be read, so nothing is imported")
    if invalid and not skip_invalid:
        raise CommandFailed(f"{count(invalid, 'line')} wrong, so nothing is imported: mend them, or --skip-invalid")
    if dry_run:
        return
    if not changing:
        session.screen.remark("nothing to do")
        return
    confirm(session, f"Import {count(changing, 'task')}?", yes=yes)
    begun = session.client.imports.apply(
        content,
        kind,
        plan["plan"],
        invalid="skip" if skip_invalid else None,
        note=note,
        change_set_id=change_set,
        **crontab,
    )
    carry_through(session, begun, no_wait=no_wait)


def _show(session: Session, plan: "ImportPlan") -> None:
    wrong = [item for item in plan["items"] if item["action"] == "invalid"]
    changing = [item for item in plan["items"] if item["action"] in ("create", "change")]
    for item in changing[:SHOWN]:
        _show_item(session, item)
    counts = plan["counts"]
    left = counts.get("create", 0) + counts.get("change", 0) - min(len(changing), SHOWN)
    if left:
        session.screen.line(f"  … and {left} more: --dry-run --json tells the first 1,000")
    for item in wrong:
        _show_item(session, item)
    words = ("create", "change", "same", "invalid")
    session.screen.line(", ".join(f"{counts.get(word, 0)} {word}" for word in words if counts.get(word)) or "no tasks")


def _show_item(session: Session, item: "ImportItem") -> None:
    name = (f"{_SIGNS[item['action']]} {printable(item['task_id'] or 'an entry')}", state(item["action"]).style)
    session.screen.line(Text.assemble(name, (f"  line {item['line']}", "dim")))
    for error in item["errors"]:
        place = f"{error['pointer']}: " if error["pointer"] else ""
        session.screen.line(Text(f"    {place}{printable(error['message'])}", style="red"))
    if item["action"] == "change":
        for change in item["changes"]:
            before, after = compact(change["before"], 80), compact(change["after"], 80)
            session.screen.line(f"    {change['pointer']}: {printable(before)} → {printable(after)}")
        if item["changes_left_out"]:
            session.screen.line(f"    and {count(item['changes_left_out'], 'more change')}")
    for warning in item["warnings"]:
        session.screen.line(Text(f"    note: {printable(warning)}", style="yellow"))


def _readable(file: Path) -> bytes | Path:
    """The input itself, or the file: it is sent as it is read. Raises CommandFailed."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read()
        with file.open("rb"):
            return file
    except OSError as error:
        raise CommandFailed(f"{file} can't be read: {error.strerror or error}", USAGE) from None


def _format(file: Path, given: FileFormat | None) -> Any:
    """One of the words of the client. Raises BadParameter when the name says nothing and neither does the option."""
    found = given or format_of(file)
    if found is None:
        raise typer.BadParameter(f"what is {file}? say --format json, ndjson, yaml or crontab", param_hint="--format")
    return found.value
