"""`tasker why` and `history`: what became of occurrences, and who changed what."""

from datetime import timedelta
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from tasker_cli.commands.arguments import AsJson, FewLimit, OccurrenceLimit, TaskId, instant_argument, limit_of
from tasker_cli.connection.session import session_of
from tasker_cli.errors import NOT_THERE, CommandFailed
from tasker_cli.output.screen import printable
from tasker_cli.output.wording import compact, count, instant, state
from tasker_runtime.clock import utc_now


def why(
    context: typer.Context,
    task_id: TaskId,
    time: Annotated[
        str | None,
        typer.Argument(metavar="TIME", help="A nominal time, such as 2026-12-24T09:00; else the last ones."),
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", help="Only these: ran, missed, paused, excluded, coming …")
    ] = None,
    coming: Annotated[bool, typer.Option("--coming", help="The next ones instead of the last ones.")] = False,
    limit: OccurrenceLimit = None,
    as_json: AsJson = False,
) -> None:
    """Say in plain words what became of the occurrences of a task, and why one did not run."""
    session, now = session_of(context), utc_now()
    at = instant_argument(time, now, "TIME")
    found = session.client.tasks.occurrences(
        task_id,
        start=at or (now + timedelta(seconds=1) if coming else None),
        end=None if at is None else at + timedelta(seconds=1),
        order="asc" if coming else "desc",
        status=status,
        limit=limit_of(limit, as_json=as_json and at is not None, standard=10),
    )
    items = list(islice(found, limit or 10)) if not as_json else list(found)
    if not items and at is not None:
        raise CommandFailed(
            f"{task_id} has no occurrence at {instant(at.isoformat())}; its last ones: tasker why {task_id}", NOT_THERE
        )
    for item in items:
        if as_json:
            session.screen.json_line(item)
            continue
        line = Text.assemble(
            f"{instant(item['nominal_at'])}  ", (f"{item['status']:<11} ", state(item["status"]).style)
        )
        line.append(printable(item["text"]))
        session.screen.line(line)
    if not items:
        session.screen.remark("no occurrences in the last 31 days" if not coming else "none come within 31 days")


def history(
    context: typer.Context,
    task_id: TaskId,
    version: Annotated[int | None, typer.Option("--version", min=1, help="One version, whole.")] = None,
    limit: FewLimit = None,
    as_json: AsJson = False,
) -> None:
    """Say who changed a task, when and what; `tasker tasks revert` goes back."""
    session = session_of(context)
    if version is not None:
        session.screen.json(session.client.tasks.version(task_id, version))
        return
    most = limit_of(limit, as_json=as_json, standard=20)
    found = session.client.tasks.history(task_id, limit=None if most is None else most + 1)
    shown = 0
    for revision in islice(found, most):
        shown += 1
        if as_json:
            session.screen.json_line(revision)
            continue
        session.screen.line(
            Text.assemble(
                (f"{revision['version']}", "bold"),
                f"  {instant(revision['effective_from'])}  {printable(revision['text'])}",
            )
        )
        for change in revision["changes"] or []:
            before, after = compact(change["before"], 80), compact(change["after"], 80)
            words = {"added": f"+ {after}", "removed": f"- {before}", "changed": f"{before} → {after}"}
            session.screen.line(Text(f"    {change['pointer']}: {printable(words[change['kind']])}", style="dim"))
        if revision["changes_left_out"]:
            session.screen.line(f"    and {count(revision['changes_left_out'], 'more change')}")
    if not as_json and next(found, None) is not None:
        session.screen.remark(f"{shown} versions, and there are more: --limit says how many")
