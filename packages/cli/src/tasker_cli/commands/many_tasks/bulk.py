"""`tasker bulk`: something is done to all tasks that pass a filter, or to those that are named."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from tasker_cli.commands.arguments import AsJson, DryRun, Note, Yes, complete_task_ids, confirm, json_argument
from tasker_cli.commands.many_tasks.progress import NoWait, carry_through
from tasker_cli.commands.task_filters import Failures, Handler, Last, PausedBy, Search, State, Tag
from tasker_cli.commands.tasks.definition import iso_duration
from tasker_cli.connection.session import session_of
from tasker_cli.output.screen import printable
from tasker_cli.output.wording import count

if TYPE_CHECKING:
    from tasker.rest.shapes import BulkActionInput, BulkCount


SAMPLE: Final = 5
"""So many of the tasks are named before it is begun."""


class BulkWord(StrEnum):
    """What can be done to many tasks."""

    PAUSE = "pause"
    RESUME = "resume"
    DELETE = "delete"
    TRIGGER = "trigger"
    TAG = "tag"
    SPREAD = "spread"


def bulk(
    context: typer.Context,
    action: Annotated[BulkWord, typer.Argument(help="What is done to each of them.")],
    task_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="TASK", help="Ids of tasks, instead of a filter.", autocompletion=complete_task_ids),
    ] = None,
    search: Search = None,
    tag: Tag = None,
    handler: Handler = None,
    state: State = None,
    last: Last = None,
    failures: Failures = None,
    paused_by: PausedBy = None,
    all_tasks: Annotated[bool, typer.Option("--all", help="All tasks there are.")] = False,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="TAG", help="tag: a tag to add.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="TAG", help="tag: one to take away.")] = None,
    window: Annotated[
        str | None, typer.Option("--window", help="spread: each fires at a time of its own within this: 5m; none: 0.")
    ] = None,
    payload: Annotated[
        str | None, typer.Option("--payload", help="trigger: JSON, instead of their own; @FILE, - as elsewhere.")
    ] = None,
    note: Note = None,
    change_set: Annotated[
        str | None, typer.Option("--id", help="Names it: the same again goes on, and does nothing twice.")
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Do something to many tasks, and show how far it has come. `tasker undo` takes it back.

    `tasker bulk pause --tag billing --note "the bank is down"`
    """
    session = session_of(context)
    asked: dict[str, Any] = {"action": action.value, "note": note, "id": change_set}
    asked |= {"add_tags": add, "remove_tags": remove}
    asked |= {} if payload is None else {"payload": json_argument(payload, "--payload")}
    chosen = {"q": search, "tag": tag, "handler": handler, "state": state, "last_outcome": last}
    chosen = _given(chosen | {"min_failures": failures, "paused_by": paused_by})
    if task_ids and (chosen or all_tasks):
        raise typer.BadParameter("give either ids of tasks or a filter")
    if not task_ids and not chosen and not all_tasks:
        raise typer.BadParameter("say which tasks: ids, a filter such as --tag, or --all")
    body = _given(asked)
    if action is BulkWord.SPREAD:
        if window is None:
            raise typer.BadParameter("spread needs a --window", param_hint="--window")
        body["spread"] = None if window in ("0", "none") else iso_duration(window)
    body |= {"ids": task_ids} if task_ids else {"filter": chosen} | ({"all": True} if all_tasks and not chosen else {})
    request = cast("BulkActionInput", body)
    if dry_run or not yes:
        found = session.client.change_sets.count(request)
        told = _told(action.value, found)
        if dry_run:
            if session.screen.as_json:
                session.screen.json(found)
                return
            session.screen.line(told)
            for one in found["left_out"]:
                session.screen.line(f"  left out: {one['task_id']}: {one['message']}")
            return
        if found["count"] == 0:
            session.screen.remark(f"{told}: nothing to do")
            return
        confirm(session, f"{told}. Go on?", yes=False)
    begun = session.client.change_sets.begin(request)
    carry_through(session, begun, no_wait=no_wait)


def _told(action: str, found: "BulkCount") -> str:
    sample = ", ".join(one["id"] for one in found["sample"][:SAMPLE])
    more = ", …" if found["count"] > SAMPLE else ""
    return f"{action}: {count(found['count'], 'task')}" + (f" ({printable(sample)}{more})" if sample else "")


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != []}
