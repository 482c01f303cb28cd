"""`tasker verify`: its options; the audit itself is in `tasker_cli.verify`."""

import re
from datetime import datetime
from typing import Annotated, Final

import typer

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def verify(
    tasks: Annotated[
        str, typer.Option("--tasks", metavar="PREFIX", help="Tasks whose id begins so.", show_default="all")
    ] = "",
    begin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="From what was due at 2026-12-24T18:00:00Z on.",
            show_default="all that the topics hold",
        ),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="10m", help="Only so far back.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Up to what was due then.", show_default="15 s ago")
    ] = None,
    late: Annotated[str, typer.Option("--late", metavar="10s", help="How late a run or its log may be.")] = "10s",
    strict: Annotated[
        bool, typer.Option("--strict", help="An outage excuses nothing: what is late or missed after it is wrong.")
    ] = False,
    before: Annotated[
        list[str] | None,
        typer.Option(
            "--before",
            metavar="PREFIX",
            help="Topics of a migration's source, read before those of TASKER_TOPIC_PREFIX.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object.")] = False,
) -> None:
    """Judge from the raw topics and the log whether every occurrence ran once, in time.

    Reads Tasker's topics and the log in MongoDB as they are, computes from the tasks' definitions what should have
    been, by arithmetic of its own, and judges every occurrence of every task: exactly one fate, in time, carried out
    and logged. Kafka and MongoDB are named by the same environment variables as for the services:
    KAFKA_BOOTSTRAP_SERVERS, TASKER_TOPIC_PREFIX, MONGODB_URL. Exit code: 0 all is right, 1 something is not, 2 it
    can't be judged.
    """
    if begin is not None and since is not None:
        raise typer.BadParameter("give either --from or --since")
    begin_at, end_at = _instant(begin, "--from"), _instant(end, "--to")
    since_seconds = None if since is None else _seconds(since, "--since")
    late_seconds = _seconds(late, "--late")
    from tasker_cli.verify.command import AuditArguments
    from tasker_cli.verify.command import verify as audit  # Kafka, MongoDB and croniter: no other command needs them

    raise typer.Exit(
        audit(
            AuditArguments(
                tasks,
                begin_at,
                since_seconds,
                end_at,
                late_seconds,
                strict=strict,
                before=tuple(before or ()),
                as_json=as_json,
            )
        )
    )


def _seconds(text: str, option: str) -> int:
    if not (match := re.fullmatch(r"(\d{1,6})([smhd])", text)):
        raise typer.BadParameter("give a number and a unit, such as 90s, 10m, 2h or 1d", param_hint=option)
    return int(match[1]) * _UNITS[match[2]]


def _instant(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError
    except ValueError:
        message = "give a time with its offset, such as 2026-12-24T18:00:00Z"
        raise typer.BadParameter(message, param_hint=option) from None
    return int(instant.timestamp())
