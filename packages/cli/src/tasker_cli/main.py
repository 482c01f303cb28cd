"""`tasker`: what people do with a running Tasker from a terminal.

It uses the REST API, but for `verify`, which trusts nothing but the topics and the log themselves.
"""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence

import httpx

from tasker_cli.dead_letters import list_dead_letters, redrive
from tasker_cli.rest_client import RequestFailed
from tasker_cli.smoke_test import smoke_test
from tasker_cli.verify import command as verify_command

Command = Callable[[Namespace, httpx.Client], Iterator[str]]


def main(arguments: Sequence[str] | None = None, transport: httpx.BaseTransport | None = None) -> int:
    """0 when done, 1 when Tasker refuses or is not there, 2 for wrong arguments; `verify` says what its own mean."""
    given = _parser().parse_args(arguments)
    if given.command is verify_command.verify:
        return verify_command.verify(given)
    command: Command = given.command
    try:
        with httpx.Client(base_url=given.url, transport=transport) as client:
            for line in command(given, client):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
    except RequestFailed as error:
        sys.stderr.write(f"tasker: {error}\n")
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="tasker", description="Talk to a running Tasker.")
    parser.add_argument(
        "--url",
        default=os.environ.get("TASKER_URL", "http://localhost:3000"),
        help="where Tasker is (default: TASKER_URL, else http://localhost:3000)",
    )
    words = parser.add_subparsers(required=True, metavar="command")
    verify_parser = words.add_parser(
        "verify",
        help="judge from the raw topics and the log whether every second of some tasks ran once, in time",
        description=verify_command.DESCRIPTION,
    )
    verify_command.add_arguments(verify_parser)
    verify_parser.set_defaults(command=verify_command.verify)
    smoke_parser = words.add_parser("smoke-test", help="make a task, see it run and logged, and delete it")
    smoke_parser.add_argument("--seconds", type=_seconds, default=60.0, help="a step may take so long (default: 60)")
    smoke_parser.set_defaults(command=_smoke_test)
    dead_letters = words.add_parser("dead-letters", help="what no service could use, and runs that failed for good")
    commands = dead_letters.add_subparsers(required=True, metavar="list|redrive")
    list_parser = commands.add_parser("list", help="the newest ones, with where from, why, and what they look like")
    list_parser.add_argument("--limit", type=_limit, default=20, help="at most so many (default: 20)")
    list_parser.add_argument("--json", action="store_true", help="one JSON object a line")
    list_parser.set_defaults(command=_list)
    redrive_parser = commands.add_parser("redrive", help="send events and results back, run runs again")
    redrive_parser.add_argument("id", nargs="+", help="as the list shows it, such as 3-17")
    redrive_parser.set_defaults(command=_redrive)
    return parser


def _list(given: Namespace, client: httpx.Client) -> Iterator[str]:
    return list_dead_letters(client, given.limit, as_json=given.json)


def _redrive(given: Namespace, client: httpx.Client) -> Iterator[str]:
    return redrive(client, given.id)


def _smoke_test(given: Namespace, client: httpx.Client) -> Iterator[str]:
    return smoke_test(client, given.seconds)


def _seconds(text: str) -> float:
    if not text.isdecimal() or not 1 <= int(text) <= 3600:
        raise ArgumentTypeError("give a number of seconds from 1 to 3600")
    return float(text)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise ArgumentTypeError("give a number from 1 to 100000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
