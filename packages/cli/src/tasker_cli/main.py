"""`tasker`: what people do with a running Tasker from a terminal. It uses the REST API."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence

import httpx

from tasker_cli.api import Refused
from tasker_cli.dead_letters import listed, redriven

Command = Callable[[Namespace, httpx.Client], Iterator[str]]


def main(words: Sequence[str] | None = None, transport: httpx.BaseTransport | None = None) -> int:
    """0 when done, 1 when Tasker refuses or is not there, 2 for words that make no sense."""
    said = _parser().parse_args(words)
    command: Command = said.command
    try:
        with httpx.Client(base_url=said.url, transport=transport) as client:
            for line in command(said, client):
                sys.stdout.write(line + "\n")
    except Refused as refused:
        sys.stderr.write(f"tasker: {refused}\n")
        return 1
    return 0


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="tasker", description="Talk to a running Tasker.")
    parser.add_argument(
        "--url",
        default=os.environ.get("TASKER_URL", "http://localhost:3000"),
        help="where Tasker is (default: TASKER_URL, else http://localhost:3000)",
    )
    letters = parser.add_subparsers(required=True, metavar="command").add_parser(
        "dead-letters", help="what no service could use, and runs that failed for good"
    )
    words = letters.add_subparsers(required=True, metavar="list|redrive")
    shown = words.add_parser("list", help="the newest ones, with where from, why, and what they look like")
    shown.add_argument("--limit", type=_amount, default=20, help="at most so many (default: 20)")
    shown.add_argument("--json", action="store_true", help="one JSON object a line")
    shown.set_defaults(command=_list)
    again = words.add_parser("redrive", help="send events and results back, run runs again")
    again.add_argument("id", nargs="+", help="as the list shows it, such as 3-17")
    again.set_defaults(command=_redrive)
    return parser


def _list(said: Namespace, client: httpx.Client) -> Iterator[str]:
    return listed(client, said.limit, as_json=said.json)


def _redrive(said: Namespace, client: httpx.Client) -> Iterator[str]:
    return redriven(client, said.id)


def _amount(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise ArgumentTypeError("give a number from 1 to 100000")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
