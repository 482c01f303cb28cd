"""Arguments and options that several commands have."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from tasker_cli.connection.session import Session, session_of
from tasker_cli.errors import CommandFailed

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
COMPLETIONS = 50


def _answer_as_json(context: typer.Context, chosen: bool) -> bool:
    session_of(context).screen.as_json = chosen
    return chosen


def complete_task_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of tasks that begin so; none when Tasker can't be asked."""
    try:
        session = context.find_object(Session) or Session()
        found = session.client.tasks.list(q=incomplete or None, sort="id", limit=COMPLETIONS)
        return [task["id"] for task in found if task["id"].startswith(incomplete)]
    except Exception:  # noqa: BLE001 -- nobody wants to read errors between two keystrokes
        return []


AsJson = Annotated[
    bool, typer.Option("--json", callback=_answer_as_json, help="JSON for scripts: of lists one object a line.")
]


def _limit(standard: str) -> Any:
    return typer.Option("--limit", "-n", min=1, help="At most so many.", show_default=standard)


Limit = Annotated[int | None, _limit("50; with --json all")]
FewLimit = Annotated[int | None, _limit("20; with --json all")]
OccurrenceLimit = Annotated[int | None, _limit("10")]
Note = Annotated[str | None, typer.Option("--note", help="Why, for the history.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="The id of a task.", autocompletion=complete_task_ids)]
TaskIds = Annotated[list[str], typer.Argument(metavar="TASK", help="Ids of tasks.", autocompletion=complete_task_ids)]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run.")]
Payload = Annotated[
    str | None,
    typer.Option("--payload", help="JSON, instead of the task's own; @FILE reads it from a file, - from the input."),
]
Wait = Annotated[bool, typer.Option("--wait", "-w", help="Wait until the run has ended; 1 if it has not succeeded.")]


def limit_of(given: int | None, *, as_json: bool, standard: int = 50) -> int | None:
    """How many are listed: people see the first ones, scripts all, unless they say how many."""
    return given if given is not None or as_json else standard


def json_argument(text: str, option: str) -> Any:
    """A JSON value: as it is given, `@file`, or `-` for standard input. Raises BadParameter."""
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).expanduser().read_text(encoding="utf-8")
        return json_value(text)
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"can't be read: {error}", param_hint=option) from None
    except ValueError as error:
        raise typer.BadParameter(
            f"is not JSON: {error}; a text needs its quotes: '\"text\"'", param_hint=option
        ) from None


def json_value(text: str) -> Any:
    """A JSON value (RFC 8259). Raises ValueError, also for what Python takes besides, or can't read for its depth."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return value


def instant_argument(text: str | None, now: datetime, option: str, *, ahead: bool = False) -> datetime | None:
    """An instant: RFC 3339, a time of this machine's clock without an offset, or `90m` from now, back or `ahead`."""
    if text is None:
        return None
    try:
        if match := re.fullmatch(r"(\d{1,6})([smhdw])", text):
            distance = timedelta(seconds=int(match[1]) * _UNITS[match[2]])
            return now + distance if ahead else now - distance
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        example = "give 2026-12-24T18:00:00Z, 2026-12-24T18:00 (this machine's clock), or 90m, 2h, 7d"
        raise typer.BadParameter(f"{text!r} is no time: {example}", param_hint=option) from None


def confirm(session: Session, question: str, *, yes: bool) -> None:
    """Ask, unless it has been answered. Raises CommandFailed when the answer is no, or nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed(f"{question} Nobody can be asked here: say --yes")
    if not typer.confirm(question, err=True):
        raise CommandFailed("nothing was done")
