"""`tasker preview` and `forecast`: when what fires."""

from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from tasker_cli.commands.arguments import AsJson, complete_task_ids, instant_argument
from tasker_cli.commands.tasks.definition import At, Cron, Every, Timezone, iso_duration, preview_schedule, schedule_of
from tasker_cli.connection.session import session_of
from tasker_cli.output.wording import count, instant
from tasker_runtime.clock import utc_now

if TYPE_CHECKING:
    from tasker.rest.shapes import ForecastBucket

BAR: Final = 40
ROWS: Final = 24


def preview(
    context: typer.Context,
    expression: Annotated[str | None, typer.Argument(metavar="CRON", help='Such as "*/5 * * * *".')] = None,
    cron: Cron = None,
    every: Every = None,
    at: At = None,
    timezone: Timezone = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", "-t", metavar="TASK", help="Of a task, for the values of H.", autocompletion=complete_task_ids
        ),
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="From then on: 2026-03-28T00:00, or 7d (ahead).")] = None,
    number: Annotated[int, typer.Option("--count", "-n", min=1, max=100, help="So many times.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Say in words and times when a schedule fires, or the schedule of a task (--task)."""
    session = session_of(context)
    if expression is not None and cron is not None:
        raise typer.BadParameter("give the expression once")
    schedule = schedule_of(expression or cron, every, at, timezone)
    if schedule is None:
        if task is None:
            raise typer.BadParameter("give a cron expression, --every, --at or --task")
        schedule = dict(session.client.tasks.get(task)["schedule"])
    begin = instant_argument(start, utc_now(), "--from", ahead=True)
    preview_schedule(session, schedule, number, task, begin)


def forecast(
    context: typer.Context,
    ahead: Annotated[str, typer.Option("--to", help="Until then: 24h, 7d, or 2026-12-24T18:00.")] = "24h",
    start: Annotated[str | None, typer.Option("--from", help="From then on.", show_default="now")] = None,
    bucket: Annotated[
        str | None, typer.Option("--bucket", help="Counted by so much: 10m, 1h.", show_default="fitting")
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only tasks with this tag.")] = None,
    handler: Annotated[str | None, typer.Option("--handler", help="Only tasks of this handler.")] = None,
    search: Annotated[str | None, typer.Option("--search", "-q", help="Only tasks with these words.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how many runs come, when most of them, and what would flatten the peak."""
    session, now = session_of(context), utc_now()
    found = session.client.schedules.forecast(
        start=instant_argument(start, now, "--from", ahead=True),
        end=instant_argument(ahead, now, "--to", ahead=True),
        bucket=None if bucket is None else iso_duration(bucket),
        tag=tag,
        handler=handler,
        q=search,
    )
    if session.screen.as_json:
        session.screen.json(found)
        return
    span = f"{instant(found['from'])} to {instant(found['to'])}"
    session.screen.line(f"{count(found['runs'], 'run')} of {count(found['tasks'], 'task')} from {span}")
    rows = merged(found["buckets"])
    most = max((runs for _, runs in rows), default=0)
    for at, runs in rows if most else []:
        bar = "█" * -(-BAR * runs // most)
        session.screen.line(Text.assemble(f"{instant(at)}  ", (bar, "cyan"), f" {runs}" if runs else ""))
    peak = found["peak"]
    if peak:
        session.screen.line(f"the most from {instant(peak['at'])}: {count(peak['runs'], 'run')}")
        for group in peak["made_by"]:
            session.screen.line(
                f"  {count(group['runs'], 'run')} of {count(group['tasks'], 'task')}: {group['schedule']}"
            )
    if found["spread"]:
        session.screen.line(found["spread"]["text"])
    for note in found["notes"]:
        session.screen.line(f"note: {note}")


def merged(buckets: "list[ForecastBucket]") -> list[tuple[str, int]]:
    """Begin and runs of each row: as many buckets together as make it fit a screen."""
    together = -(-len(buckets) // ROWS) or 1
    return [
        (buckets[n]["at"], sum(one["runs"] for one in buckets[n : n + together]))
        for n in range(0, len(buckets), together)
    ]
