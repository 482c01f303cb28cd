"""How far a change-set has come, followed to its end."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tasker_cli.connection.session import Session
from tasker_cli.errors import INTERRUPTED, REFUSED, CommandFailed
from tasker_cli.output.wording import count, instant, state

if TYPE_CHECKING:
    from tasker.rest.shapes import ChangeSet

NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Return when it has begun; `tasker change-sets show` says how far it is.")
]


def carry_through(session: Session, begun: "ChangeSet", *, no_wait: bool) -> None:
    """Follow it until it is over, and say what came of it. Raises CommandFailed when some of it was refused.

    Ctrl-C ends the looking on, not the change-set.
    """
    if no_wait:
        if session.screen.as_json:
            session.screen.json(begun)
        else:
            session.screen.line(f"{begun['id']}: begun")
        return
    found, shows = begun, session.screen.errors.is_terminal
    try:
        for found in session.client.change_sets.follow(begun["id"]):
            if shows:
                session.screen.errors.print(_line(found), end="\r", soft_wrap=True)
    except KeyboardInterrupt:
        goes_on = f"it goes on: `tasker change-sets cancel {begun['id']}` ends it"
        raise CommandFailed(goes_on, INTERRUPTED) from None
    if shows:
        session.screen.errors.print()
    if session.screen.as_json:
        session.screen.json(found)
    else:
        print_change_set(session, found)
    refused = found["rejected"] + found["left_out"]
    if refused or found["state"] != "done":
        raise CommandFailed("", REFUSED)


def print_change_set(session: Session, found: "ChangeSet") -> None:
    """What it does, and how far it has come, for people."""
    numbers = (
        ("changed", found["accepted"]),
        ("as they were", found["unchanged"]),
        ("repeated", found["superseded"]),
        ("refused", found["rejected"]),
        ("left out", found["left_out"]),
        ("waiting", found["waiting"] or 0),
    )
    told = ", ".join(f"{number} {word}" for word, number in numbers if number) or "nothing done"
    meanwhile = found["changed_meanwhile"]
    session.screen.fields(
        (
            ("change-set", found["id"]),
            ("does", found["action"]),
            ("of", found["undoes"]),
            ("state", state(found["state"])),
            ("tasks", None if found["total"] is None else str(found["total"])),
            ("so far", told),
            ("", f"{meanwhile} had been changed by somebody else meanwhile" if meanwhile else None),
            ("begun", f"{instant(found['created_at'])}, by {found['actor'] or 'somebody'}"),
            ("note", found["note"]),
            ("undone by", found["undone_by"]),
        )
    )
    for one in found["examples"]:
        session.screen.line(f"  {one['task_id']}: {one['message']}")


def _line(found: "ChangeSet") -> Text:
    done = found["accepted"] + found["rejected"] + found["superseded"] + found["unchanged"] + found["left_out"]
    total = "" if found["total"] is None else f" of {found['total']}"
    return Text(f"{found['state']}: {done}{total}, {count(found['rejected'], 'refusal')}   ")
