"""`tasker tasks create`: a task from options, or from a file."""

import re
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tasker.rest.problems import TaskerProblem
from tasker_cli.commands.arguments import AsJson, json_argument
from tasker_cli.commands.tasks.listing import print_task
from tasker_cli.connection.session import Session, session_of
from tasker_cli.errors import CommandFailed
from tasker_cli.output.wording import instant

if TYPE_CHECKING:
    from tasker.rest.shapes import TaskInput

_UNITS = {"s": "PT{}S", "m": "PT{}M", "h": "PT{}H", "d": "P{}D"}
PREVIEWED = 5


class Overlap(StrEnum):
    """What becomes of a run while another one is unfinished."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE_ONE = "queue_one"
    QUEUE_ALL = "queue_all"
    REPLACE = "replace"


Cron = Annotated[str | None, typer.Option("--cron", help='A cron expression, such as "0 9 * * 1-5".')]
Every = Annotated[str | None, typer.Option("--every", help="An interval: 90s, 15m, 6h, 1d, or ISO 8601 such as PT15M.")]
At = Annotated[str | None, typer.Option("--at", help="Once, at 2026-12-24T18:00; with an offset, or in --timezone.")]
Timezone = Annotated[str | None, typer.Option("--timezone", "-z", help="Of --cron and --at, such as Europe/Berlin.")]


def create_task(
    context: typer.Context,
    task_id: Annotated[str | None, typer.Argument(metavar="TASK", help="Its id; without one it gets one.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="The whole definition as JSON; - reads the input.")
    ] = None,
    cron: Cron = None,
    every: Every = None,
    at: At = None,
    timezone: Timezone = None,
    manual: Annotated[bool, typer.Option("--manual", help="No schedule: only triggers.")] = False,
    handler: Annotated[
        str | None, typer.Option("--handler", help="What carries it out.", show_default="default")
    ] = None,
    payload: Annotated[
        str | None, typer.Option("--payload", help="JSON; @FILE reads it from a file, - from the input.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="For people.")] = None,
    description: Annotated[str | None, typer.Option("--description", help="What it is for.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag; as often as you like.")] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", help="Of each attempt: 30s, 5m.", show_default="1m")
    ] = None,
    attempts: Annotated[int | None, typer.Option("--attempts", min=1, help="How often a failed run is tried.")] = None,
    overlap: Annotated[Overlap | None, typer.Option("--overlap", help="While another run is unfinished.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Let it not fire before it is resumed.")] = False,
    spread: Annotated[str | None, typer.Option("--spread", help="Fire at a time of its own within this: 5m.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say when it would fire, and make nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a task.

    `tasker tasks create report --cron "0 9 * * 1-5" -z Europe/Berlin --handler curl --payload '"https://example.com"'`
    """
    session = session_of(context)
    given = _without_none(
        id=task_id,
        name=name,
        description=description,
        tags=tag,
        handler=handler,
        payload=None if payload is None else json_argument(payload, "--payload"),
        timeout=None if timeout is None else iso_duration(timeout),
        retry=None if attempts is None else {"max_attempts": attempts},
        overlap=None if overlap is None else overlap.value,
        paused=paused or None,
    )
    schedule = schedule_of(cron, every, at, timezone, manual=manual)
    whole = cast("dict[str, Any]", _from_file(file)) if file is not None else {}
    whole |= given | ({} if schedule is None else {"schedule": schedule})
    if "schedule" not in whole:
        raise typer.BadParameter("say when it fires: --cron, --every, --at, --manual, or a --file that does")
    if spread is not None:
        whole["schedule"] = whole["schedule"] | {"spread": iso_duration(spread)}
    if dry_run:
        preview_schedule(session, whole["schedule"], PREVIEWED, whole.get("id"))
        return
    try:
        task = session.client.tasks.create(cast("TaskInput", whole))
    except TaskerProblem as problem:
        if problem.status == 409:
            hint = f"`tasker tasks edit {whole['id']}` changes it"
            raise CommandFailed(f"there is a task {whole['id']!r} already: {hint}") from None
        raise
    if session.screen.as_json:
        session.screen.json(task)
    else:
        print_task(session, task)


def schedule_of(
    cron: str | None, every: str | None, at: str | None, timezone: str | None, *, manual: bool = False
) -> dict[str, Any] | None:
    """The schedule that options say; None when they say none. Raises BadParameter when they say several."""
    zone = {} if timezone is None else {"timezone": timezone}
    said = [
        *([{"cron": cron} | zone] if cron is not None else []),
        *([{"every": iso_duration(every)}] if every is not None else []),
        *([{"at": at} | zone] if at is not None else []),
        *([{"manual": True}] if manual else []),
    ]
    if len(said) > 1:
        raise typer.BadParameter("give one of --cron, --every, --at and --manual; several together go in a --file")
    if at is not None and timezone is None and _is_local(at):
        raise typer.BadParameter(f"{at} is a time without its zone: add --timezone, or an offset", param_hint="--at")
    return said[0] if said else None


def iso_duration(text: str) -> str:
    """`15m` as `PT15M`; anything else as it is, for the API to judge."""
    match = re.fullmatch(r"(\d{1,9})([smhd])", text)
    return _UNITS[match[2]].format(match[1]) if match else text


def preview_schedule(
    session: Session, schedule: dict[str, Any], number: int, task_id: str | None = None, start: datetime | None = None
) -> None:
    """A schedule in words, when it fires, and what one might not expect."""
    found = session.client.schedules.preview(schedule, count=number, task_id=task_id, start=start)
    if session.screen.as_json:
        session.screen.json(found)
        return
    session.screen.line(found["description"])
    for time in found["next"]:
        session.screen.line(f"  {time['local']}    {instant(time['at'])}")
    if not found["next"]:
        session.screen.line("  never")
    for note in found["notes"]:
        session.screen.line(f"  note: {note}")


def _is_local(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _from_file(file: str) -> Any:
    task = json_argument("-" if file == "-" else f"@{file}", "--file")
    if not isinstance(task, dict):
        raise typer.BadParameter("is no task: give one JSON object; `tasker import` takes many", param_hint="--file")
    return cast("dict[str, Any]", task)


def _without_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
