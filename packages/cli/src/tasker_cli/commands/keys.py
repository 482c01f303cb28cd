"""`tasker keys` and `whoami`: who may call the API, and as whom this machine does."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from tasker_cli.commands.arguments import AsJson, Yes, confirm, instant_argument
from tasker_cli.connection.session import session_of
from tasker_cli.errors import NOT_THERE, CommandFailed
from tasker_cli.output.table import Column
from tasker_cli.output.wording import clock_time, count, instant, titled
from tasker_runtime.clock import utc_now

if TYPE_CHECKING:
    from tasker_core.access.api_key import ApiKey


class KeyRole(StrEnum):
    """What a key may do; each role may do what the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


File = Annotated[
    Path,
    typer.Option(
        "--file", "-f", envvar="TASKER_API_KEYS_FILE", help="The file of keys that the API reads.", metavar="FILE"
    ),
]


def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who has it: the history will say so.")],
    role: Annotated[KeyRole, typer.Option("--role", help="viewer: reads. operator: changes tasks. admin: all.")],
    file: File,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Only tasks with one of these tags.")] = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Requests a second, at most.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="In 90d, or at 2027-01-01.", metavar="TIME")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and show it this once. The API takes it within seconds, without a restart.

    Its name holds no ': ', and is not that of a key with another role or other tags. To replace a key, make another one
    of the same name, role and tags, and revoke the old one when nobody uses it any more.
    """
    from tasker_core.errors import TaskerError
    from tasker_runtime.access import key_administration

    screen, now = session_of(context).screen, utc_now()
    until = instant_argument(expires, now, "--expires", ahead=True)
    try:
        issued = key_administration.create_key(
            file, name, role.value, now, tags=tag or (), requests_per_second=rate, expires_at=until
        )
    except TaskerError as error:
        raise CommandFailed(str(error)) from None
    if as_json:
        screen.json(_kept(issued.kept) | {"key": issued.text})
        return
    screen.raw(issued.text)
    screen.remark(
        f"this is the key of {name}, {role.value}. It is shown this once, and kept nowhere: put it in a safe place"
    )


def list_keys(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """List the keys in the file, without their secrets."""
    from tasker_core.errors import TaskerError
    from tasker_runtime.access import key_administration

    screen, now = session_of(context).screen, utc_now()
    try:
        keys = key_administration.list_keys(file)
    except TaskerError as error:
        raise CommandFailed(str(error)) from None
    if as_json:
        for key in keys:
            screen.json_line(_kept(key))
        return
    kept = [_kept(key) for key in keys]
    if kept:
        screen.table(
            (
                Column("ID", keep=True),
                Column("NAME"),
                Column("ROLE", keep=True),
                Column("TAGS"),
                Column("RATE", align="right"),
                Column(titled("MADE", (one["created_at"] for one in kept))),
                Column("EXPIRES"),
            ),
            (
                (
                    one["id"],
                    one["name"],
                    one["role"],
                    ", ".join(one.get("tags", ())),
                    f"{one['requests_per_second']:g}/s" if one.get("requests_per_second") else "",
                    clock_time(one["created_at"]),
                    Text("expired", style="red") if key.is_expired(now) else instant(one.get("expires_at")),
                )
                for key, one in zip(keys, kept, strict=True)
            ),
        )
    screen.remark(count(len(kept), "key"))


def revoke_key(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id; or itself, where it was found somewhere.")],
    file: File,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a key out of the file: within seconds nobody can use it any more."""
    from tasker_core.errors import TaskerError
    from tasker_runtime.access import key_administration

    session = session_of(context)
    try:
        confirm(session, "Revoke this key?", yes=yes)
        revoked = key_administration.revoke_key(file, key)
    except key_administration.UnknownKey as error:
        raise CommandFailed(str(error), NOT_THERE) from None
    except TaskerError as error:
        raise CommandFailed(str(error)) from None
    if as_json:
        session.screen.json(_kept(revoked))
    else:
        session.screen.line(f"{revoked.id}, the key of {revoked.name}, is revoked")


def whoami(context: typer.Context, as_json: AsJson = False) -> None:
    """Say which Tasker this is, and who it takes this machine for."""
    session = session_of(context)
    found = session.client.system.whoami()
    if as_json:
        session.screen.json({"url": session.client.url, **found})
        return
    who = f"{found['name']}, {found['role']}" if found["name"] else "nobody: it wants a key"
    tags = f", tasks with the tags {', '.join(found['tags'])}" if found["tags"] else ""
    session.screen.line(
        f"{session.client.url}: {f'{who}{tags}' if found['keys'] else 'it has no keys; everybody may do all'}"
    )


def _kept(key: "ApiKey") -> dict[str, Any]:
    return key.model_dump(mode="json", exclude_defaults=True, exclude={"sha256"})
