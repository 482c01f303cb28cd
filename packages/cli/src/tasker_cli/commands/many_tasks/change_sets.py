"""`tasker change-sets` and `undo`: what was done to many tasks, and how it is taken back."""

from itertools import islice
from typing import Annotated

import typer

from tasker_cli.commands.arguments import AsJson, FewLimit, Limit, Note, Yes, confirm, limit_of
from tasker_cli.commands.many_tasks.progress import NoWait, carry_through, print_change_set
from tasker_cli.connection.session import session_of
from tasker_cli.output.table import Column
from tasker_cli.output.wording import clock_time, count, state, titled

ChangeSetId = Annotated[str, typer.Argument(metavar="CHANGE-SET", help="Its id, as the list shows it.")]


def list_change_sets(context: typer.Context, limit: FewLimit = None, as_json: AsJson = False) -> None:
    """List bulk actions, imports and undos, the newest first."""
    session = session_of(context)
    most = limit_of(limit, as_json=as_json, standard=20)
    found = session.client.change_sets.list(limit=most)
    if as_json:
        for one in found:
            session.screen.json_line(one)
        return
    sets = list(islice(found, most))
    if sets:
        session.screen.table(
            (
                Column("CHANGE-SET", keep=True),
                Column("DOES", keep=True),
                Column("STATE", keep=True),
                Column("TASKS", align="right"),
                Column("CHANGED", align="right"),
                Column("REFUSED", align="right"),
                Column(titled("BEGUN", (one["created_at"] for one in sets)), keep=True),
                Column("BY"),
                Column("UNDONE BY"),
                Column("NOTE"),
            ),
            (
                (
                    one["id"],
                    one["action"],
                    state(one["state"]),
                    "" if one["total"] is None else str(one["total"]),
                    str(one["accepted"]),
                    str(one["rejected"] + one["left_out"] or ""),
                    clock_time(one["created_at"]),
                    one["actor"] or "",
                    one["undone_by"] or "",
                    one["note"] or "",
                )
                for one in sets
            ),
        )
    session.screen.remark(count(len(sets), "change-set"))


def show_change_set(context: typer.Context, change_set: ChangeSetId, as_json: AsJson = False) -> None:
    """Show what one does, and how far it has come."""
    session = session_of(context)
    found = session.client.change_sets.get(change_set)
    if as_json:
        session.screen.json(found)
    else:
        print_change_set(session, found)


def list_items(
    context: typer.Context,
    change_set: ChangeSetId,
    rejected: Annotated[bool, typer.Option("--rejected", help="Only what was refused.")] = False,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List what became of each task."""
    session = session_of(context)
    most = limit_of(limit, as_json=as_json)
    found = session.client.change_sets.items(change_set, verdict="rejected" if rejected else None, limit=most)
    if as_json:
        for one in found:
            session.screen.json_line(one)
        return
    items = list(found)
    if items:
        session.screen.table(
            (Column("TASK", keep=True), Column("STATE", keep=True), Column("VERSION"), Column("RUN"), Column("WHY")),
            (
                (
                    one["task_id"],
                    state(one["state"]),
                    str(one["version"] or ""),
                    one["run_id"] or "",
                    "; ".join(f"{error['pointer']} {error['message']}".strip() for error in one["errors"]),
                )
                for one in items
            ),
        )
    session.screen.remark(count(len(items), "task"))


def cancel_change_set(context: typer.Context, change_set: ChangeSetId, as_json: AsJson = False) -> None:
    """Let it change no more tasks; what it has changed stays, until it is undone."""
    session = session_of(context)
    found = session.client.change_sets.cancel(change_set)
    if as_json:
        session.screen.json(found)
    else:
        print_change_set(session, found)


def resume_change_set(
    context: typer.Context, change_set: ChangeSetId, no_wait: NoWait = False, as_json: AsJson = False
) -> None:
    """Go on with one that was interrupted."""
    session = session_of(context)
    carry_through(session, session.client.change_sets.resume(change_set), no_wait=no_wait)


def undo(
    context: typer.Context,
    change_set: ChangeSetId,
    note: Note = None,
    yes: Yes = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> None:
    """Take a bulk action or an import back: each task as it was before, unless somebody has changed it since."""
    session = session_of(context)
    if not yes:
        found = session.client.change_sets.get(change_set)
        confirm(session, f"Undo {found['action']} of {count(found['accepted'], 'task')}?", yes=False)
    carry_through(session, session.client.change_sets.undo(change_set, note=note), no_wait=no_wait)
