"""`tasker tasks list` and `show`."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from tasker_cli.commands.arguments import AsJson, Limit, TaskId, limit_of
from tasker_cli.commands.task_filters import Failures, Handler, Last, PausedBy, State, Tag
from tasker_cli.connection.session import Session, session_of
from tasker_cli.output.table import Column
from tasker_cli.output.wording import clock_time, compact, count, instant, state, titled, took

if TYPE_CHECKING:
    from tasker.rest.shapes import Task

RUNS_SHOWN = 5


def list_tasks(
    context: typer.Context,
    search: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", help="Beginnings of words of the id, the name or the tags."),
    ] = None,
    tag: Tag = None,
    handler: Handler = None,
    task_state: State = None,
    last_outcome: Last = None,
    min_failures: Failures = None,
    paused_by: PausedBy = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            help="name, id, created_at, updated_at, next_at, last_outcome or failures; the other way round as "
            "--sort=-next_at.",
            show_default="name",
        ),
    ] = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List tasks. Of several conditions all must hold."""
    session = session_of(context)
    most = limit_of(limit, as_json=as_json)
    found = session.client.tasks.list(
        q=search,
        tag=tag,
        handler=handler,
        state=None if task_state is None else task_state.value,
        last_outcome=None if last_outcome is None else last_outcome.value,
        min_failures=min_failures,
        paused_by=paused_by,
        sort=sort,
        limit=most if most is None or as_json else most + 1,
    )
    if as_json:
        for task in found:
            session.screen.json_line(task)
        return
    tasks = list(islice(found, most))
    columns = (
        Column("ID", keep=True),
        Column("STATE", keep=True),
        Column("SCHEDULE"),
        Column(titled("NEXT", (task["next_at"] for task in tasks)), keep=True),
        Column("LAST", keep=True),
        Column("FAILURES", keep=True, align="right"),
        Column("HANDLER"),
        Column("TAGS"),
        Column("NAME"),
    )
    if tasks:
        session.screen.table(
            columns,
            (
                (
                    task["id"],
                    state(task["state"]),
                    task["schedule_description"],
                    clock_time(task["next_at"]),
                    state(task["last_outcome"]),
                    str(task["failures"] or ""),
                    task["handler"],
                    ", ".join(task["tags"]),
                    task["name"] if task["name"] != task["id"] else "",
                )
                for task in tasks
            ),
        )
    more = next(found, None) is not None
    session.screen.remark(
        f"{count(len(tasks), 'task')}, and there are more: --limit says how many are shown"
        if more
        else count(len(tasks), "task")
    )


def show_task(context: typer.Context, task_id: TaskId, as_json: AsJson = False) -> None:
    """Show one task: its definition, its state, and its newest runs."""
    session = session_of(context)
    task = session.client.tasks.get(task_id)
    if as_json:
        session.screen.json(task)
        return
    print_task(session, task)
    runs = list(session.client.runs.list(task_id=task_id, limit=RUNS_SHOWN))
    if runs:
        session.screen.line()
        session.screen.table(
            (
                Column("RUN", keep=True),
                Column(titled("NOMINAL", (run["nominal_at"] for run in runs)), keep=True),
                Column("STATE", keep=True),
                Column("TOOK"),
                Column("ERROR"),
            ),
            (
                (
                    run["id"],
                    clock_time(run["nominal_at"]),
                    state(run["state"]),
                    took(run["started_at"], run["finished_at"]),
                    run["error"]["message"] if run["error"] else "",
                )
                for run in runs
            ),
        )


def print_task(session: Session, task: "Task") -> None:
    """What a task is, for people; defaults are left out."""
    pause = task["pause"]
    paused = f"since {instant(pause['at'])}" if pause else ""
    paused += f", by {by}" if pause and (by := pause.get("by")) else ""
    paused += f": {note}" if pause and (note := pause.get("note")) else ""
    successors = ", ".join(f"{one['task']} ({one.get('on', 'succeeded')})" for one in task["then"])
    predecessors = ", ".join(f"{one['task']} ({one['on']})" for one in task["preceded_by"])
    attempts = task["retry"].get("max_attempts", 1)
    session.screen.fields(
        (
            ("id", task["id"]),
            ("name", task["name"] if task["name"] != task["id"] else None),
            ("description", task["description"]),
            ("tags", ", ".join(task["tags"])),
            ("state", state(task["state"])),
            ("paused", paused),
            ("schedule", task["schedule_description"]),
            ("", compact(task["schedule"])),
            ("next", instant(task["next_at"])),
            ("handler", task["handler"]),
            ("payload", None if task["payload"] is None else compact(task["payload"])),
            ("timeout", task["timeout"] if task["timeout"] != "PT1M" else None),
            ("retry", f"{attempts} attempts, the first after {task['retry'].get('initial')}" if attempts > 1 else None),
            ("overlap", task["overlap"] if task["overlap"] != "allow" else None),
            ("starts", successors),
            ("started by", predecessors),
            ("missing", ", ".join(task["missing_successors"])),
            ("last run", state(task["last_outcome"])),
            ("failures", f"{task['failures']} in a row" if task["failures"] else None),
            ("version", f"{task['version']}, of {instant(task['updated_at'])}"),
        )
    )
