"""`tasker system` and `handlers`: where everything stands, and what can run."""

from typing import Annotated

import typer
from rich.text import Text

from tasker_cli.commands.arguments import AsJson
from tasker_cli.connection.session import session_of
from tasker_cli.errors import REFUSED, CommandFailed
from tasker_cli.output.screen import printable
from tasker_cli.output.table import Column
from tasker_cli.output.wording import state


def show_system(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="1 unless all is green, for scripts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether all is well, what is not and what to do about it, and where everything stands."""
    session = session_of(context)
    found = session.client.system.state()
    if as_json:
        session.screen.json(found)
    else:
        held = found["held_tasks"]
        session.screen.line(
            Text.assemble(
                (found["state"], f"bold {state(found['state']).style}"),
                f"  {session.client.url}",
                "" if held is None else f", {held} tasks",
            )
        )
        for finding in found["findings"]:
            session.screen.line(
                Text.assemble(
                    (f"{finding['severity']}: ", state(finding["severity"]).style), printable(finding["text"])
                )
            )
            session.screen.line(f"    {printable(finding['action'])}")
        for part in found["missing"]:
            session.screen.line(f"{part['part']} could not be asked: {printable(part['reason'])}")
        if found["groups"]:
            session.screen.line()
            session.screen.table(
                (
                    Column("SERVICE", keep=True),
                    Column("GROUP"),
                    Column("PROCESSES", align="right"),
                    Column("WAITING", align="right"),
                ),
                (
                    (
                        group["service"] or group["group"],
                        group["group"],
                        str(group["members"]),
                        str(sum(lag["records"] for lag in group["lag"])),
                    )
                    for group in found["groups"]
                ),
            )
    if check and found["state"] != "green":
        raise CommandFailed("", REFUSED)


def list_handlers(context: typer.Context, as_json: AsJson = False) -> None:
    """List what can run."""
    session = session_of(context)
    items = session.client.system.handlers()["items"]
    if as_json:
        for item in items:
            session.screen.json_line(item)
        return
    session.screen.table(
        (Column("HANDLER", keep=True), Column("GROUP"), Column("DESCRIPTION"), Column("PROBLEM")),
        ((one["name"], one.get("group") or "", one["description"], one.get("problem") or "") for one in items),
    )
