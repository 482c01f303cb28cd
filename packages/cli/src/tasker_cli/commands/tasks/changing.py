"""`tasker tasks pause`, `resume`, `trigger`, `delete` and `revert`."""

from typing import Annotated, Any

import typer

from tasker_cli.commands.arguments import (
    AsJson,
    DryRun,
    Note,
    Payload,
    TaskId,
    TaskIds,
    Wait,
    Yes,
    confirm,
    json_argument,
)
from tasker_cli.commands.run_waiting import report_run
from tasker_cli.commands.several import for_each
from tasker_cli.connection.session import session_of
from tasker_cli.output.wording import count, instant


def pause_tasks(context: typer.Context, task_ids: TaskIds, note: Note = None, as_json: AsJson = False) -> None:
    """Let tasks fire no more until they are resumed."""
    session = session_of(context)

    def pause(task_id: str) -> tuple[Any, str]:
        return session.client.tasks.pause(task_id, note=note), "paused"

    for_each(session, task_ids, pause)


def resume_tasks(context: typer.Context, task_ids: TaskIds, note: Note = None, as_json: AsJson = False) -> None:
    """Let tasks fire again from now on; what the pause covered is not made up for."""
    session = session_of(context)

    def resume(task_id: str) -> tuple[Any, str]:
        task = session.client.tasks.resume(task_id, note=note)
        return task, f"resumed, next at {instant(task['next_at'])}" if task["next_at"] else "resumed"

    for_each(session, task_ids, resume)


def trigger_task(
    context: typer.Context,
    task_id: TaskId,
    payload: Payload = None,
    note: Note = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Run a task now, also while it is paused."""
    session = session_of(context)
    given = {} if payload is None else {"payload": json_argument(payload, "--payload")}
    triggered = session.client.tasks.trigger(task_id, note=note, **given)
    report_run(session, triggered["run_id"], task_id, wait=wait)


def delete_tasks(
    context: typer.Context,
    task_ids: TaskIds,
    note: Note = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete tasks. Runs that are out finish; `revert` brings a task back."""
    session = session_of(context)

    def look(task_id: str) -> tuple[Any, str]:
        task = session.client.tasks.get(task_id)
        return task, f"would be deleted: {task['schedule_description']}"

    def delete(task_id: str) -> tuple[Any, str]:
        session.client.tasks.delete(task_id, note=note)
        return {"deleted": True}, "deleted"

    if not dry_run and len(task_ids) > 1:
        confirm(session, f"Delete {count(len(task_ids), 'task')}?", yes=yes)
    for_each(session, task_ids, look if dry_run else delete)


def revert_task(
    context: typer.Context,
    task_id: TaskId,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="One that `tasker history` shows.")],
    note: Note = None,
    as_json: AsJson = False,
) -> None:
    """Make a task again what it was in a version; also a deleted one."""
    session = session_of(context)
    task = session.client.tasks.revert(task_id, version, note=note)
    if session.screen.as_json:
        session.screen.json(task)
    else:
        session.screen.line(f"{task_id}: as in version {version}, now version {task['version']}")
