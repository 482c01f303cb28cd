"""`tasker tasks edit`: in an editor, or by `--set`; what would change is shown before it is saved."""

import difflib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from rich.text import Text

from tasker.rest.problems import TaskerProblem
from tasker.rest.shapes import TaskInput
from tasker_cli.commands.arguments import AsJson, DryRun, TaskId, Yes, confirm, json_value
from tasker_cli.connection.session import Session, session_of
from tasker_cli.errors import USAGE, CommandFailed
from tasker_cli.output.problems import problem_lines
from tasker_cli.output.screen import printable

if TYPE_CHECKING:
    from tasker.rest.shapes import Task, TaskChange

_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}
Definition = dict[str, Any]


def edit_task(
    context: typer.Context,
    task_id: TaskId,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="FIELD=VALUE", help="Without an editor: schedule.cron='0 9 * * *'; JSON or a text."
        ),
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Change a task in your editor (VISUAL, else EDITOR). What changes is shown, and saved when you agree.

    Nobody's change gets lost: if somebody else changes the task meanwhile, yours is refused.
    """
    session = session_of(context)
    task = session.client.tasks.get(task_id)
    before = definition(task)
    if sets:
        after = changed_by(sets, before)
        show_changes(session, before, after)
        _save(session, task, after, dry_run=dry_run, yes=True)
        return
    if not sys.stdin.isatty():
        raise CommandFailed("there is no terminal for an editor: say --set FIELD=VALUE", USAGE)
    text = _json(before)
    while True:
        text = edited(text)
        try:
            after = _parsed(text)
            if after == before:
                session.screen.remark("nothing has changed")
                return
            show_changes(session, before, after)
            _save(session, task, after, dry_run=dry_run, yes=yes)
        except (ValueError, TaskerProblem) as error:
            lines = problem_lines(error) if isinstance(error, TaskerProblem) else [str(error)]
            for line in lines:
                session.screen.complain(line)
            if isinstance(error, TaskerProblem) and error.status != 422:
                raise CommandFailed("what you wrote is not saved:\n" + text) from None
            confirm(session, "Edit it again?", yes=False)
        else:
            return


def definition(task: "Task") -> Definition:
    """What one would put: the fields that can be changed."""
    whole = cast("Mapping[str, Any]", task)
    return {name: whole[name] for name in TaskInput.__annotations__ if name in whole}


def changed_by(sets: list[str], before: Definition) -> Definition:
    """The definition with fields set: `a.b=value`, the value JSON or else a text; null is the default again."""
    after = cast("Definition", json.loads(json.dumps(before)))
    for one in sets:
        path, separator, text = one.partition("=")
        if not separator or not path:
            raise typer.BadParameter(f"{one!r}: give FIELD=VALUE, such as timeout=PT5M", param_hint="--set")
        place, names = after, path.split(".")
        for name in names[:-1]:
            inner: Any = place.setdefault(name, {})
            if not isinstance(inner, dict):
                raise typer.BadParameter(f"{path}: {name} has no fields of its own", param_hint="--set")
            place = cast("Definition", inner)
        value = _value(text)
        if value is None:
            place.pop(names[-1], None)
        else:
            place[names[-1]] = value
    return after


def show_changes(session: Session, before: Definition, after: Definition) -> None:
    """Each line that differs, and which runs that adds, removes and moves; beside the output with --json."""
    console = session.screen.errors if session.screen.as_json else session.screen.console
    old, new = _json(before).splitlines(), _json(after).splitlines()
    for line in list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]:
        console.print(Text(printable(line), style=_STYLES.get(line[:1], "")), soft_wrap=True)
    if before.get("schedule") == after.get("schedule") or not isinstance(after.get("schedule"), dict):
        return
    try:
        diff = session.client.schedules.diff(
            {"before": before["schedule"], "after": after["schedule"], "task_id": after.get("id"), "limit": 1}
        )
        console.print(Text(diff["text"]), soft_wrap=True)
    except TaskerProblem:
        return  # what is wrong with it is said when it is saved


def edited(text: str) -> str:
    """The text as it comes back from the editor. Raises CommandFailed when there is none, or when it fails."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="tasker-") as folder:
        file = Path(folder) / "task.json"
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*command, str(file)], check=True)  # noqa: S603 -- the user's own editor
        except FileNotFoundError:
            raise CommandFailed(f"there is no editor {command[0]!r}: set EDITOR", USAGE) from None
        except subprocess.CalledProcessError as error:
            raise CommandFailed(f"{command[0]} ends with {error.returncode}; nothing was done") from None
        return file.read_text(encoding="utf-8")


def _save(session: Session, task: "Task", after: Definition, *, dry_run: bool, yes: bool) -> None:
    if after == definition(task):
        session.screen.remark("nothing has changed")
        return
    if dry_run:
        session.screen.remark("nothing was saved")
        return
    confirm(session, "Save this?", yes=yes)
    saved = session.client.tasks.put(task["id"], cast("TaskChange", after), if_version=task["version"])
    if session.screen.as_json:
        session.screen.json(saved)
    else:
        session.screen.line(f"{saved['id']}: saved as version {saved['version']}")


def _parsed(text: str) -> Definition:
    try:
        parsed: object = json_value(text)
    except ValueError as error:
        raise ValueError(f"this is not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ValueError("this is no task: give a JSON object")
    return cast("Definition", parsed)


def _value(text: str) -> Any:
    try:
        return json_value(text)
    except ValueError:
        return text


def _json(value: Definition) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
