"""How much a command lists is what its reference says, to people and to scripts."""

import re
from pathlib import Path

import httpx
import pytest

from tasker_cli.main import main

PAGE = Path(__file__).parents[3] / "docs" / "command-line.md"
A_PAGE = 200
"""What is asked for at a time where all is wanted."""


def asked(*arguments: str) -> int:
    """How many items a command asks for at first."""
    limits: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        limits.append(int(request.url.params["limit"]))
        return httpx.Response(200, json={"items": [], "next_cursor": None})

    assert main([*arguments], httpx.MockTransport(answer)) == 0
    return limits[0]


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("tasks list", []),
        ("runs list", []),
        ("why", ["a"]),
        ("history", ["a"]),
        ("change-sets list", []),
        ("change-sets items", ["a"]),
    ],
)
def test_the_reference_says_how_many_are_listed(words: str, more: list[str]) -> None:
    section = PAGE.read_text(encoding="utf-8").split(f"### tasker {words}\n", 1)[1].split("\n### ", 1)[0]
    said = re.search(r"At most so many\. \(default: (\d+)(; with --json all)?\)", section)
    assert said is not None
    standard = int(said[1])
    assert asked(*words.split(), *more) in (standard, standard + 1), "one more says whether there are more"
    assert asked(*words.split(), *more, "--json") == (A_PAGE if said[2] else standard)
