"""`tasker dead-letters list|redrive`."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from tasker_cli.api import Refused, ask

PAGE = 100
PREVIEW_CHARACTERS = 200
_ID = re.compile(r"(\d{1,4})-(\d{1,19})")


def listed(client: httpx.Client, limit: int, *, as_json: bool) -> Iterator[str]:
    """The newest dead letters as lines: for people, or one JSON object a line. Raises Refused."""
    cursor: str | None = None
    left = limit
    while left > 0:
        params: dict[str, Any] = {"limit": min(left, PAGE)} | ({"cursor": cursor} if cursor else {})
        page = ask(client, "GET", "/dead-letters", params)
        for letter in page["items"]:
            yield json.dumps(letter, ensure_ascii=False) if as_json else _told(letter)
        left -= len(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def redriven(client: httpx.Client, ids: Iterable[str]) -> Iterator[str]:
    """Redrive dead letters, one after the other, a line about each. Raises Refused at the first that can't be."""
    for one in ids:
        match = _ID.fullmatch(one)
        if match is None:
            raise Refused(f"{one!r} is no dead letter: give the id that the list shows, such as 3-17")
        try:
            told = ask(client, "POST", f"/dead-letters/{match[1]}/{match[2]}/redrive")
        except Refused as refused:
            raise Refused(f"{one}: {refused}") from None
        yield f"{one}  {_done(told)}"


def _done(told: dict[str, Any]) -> str:
    if told.get("how") == "sent_back":
        return f"sent back to {told['topic']}, partition {told['partition']}, offset {told['offset']}: {told['note']}"
    if told.get("how") == "run_again":
        return f"runs again as {told['run_id']}: {told['note']}"
    return f"taken, not decided yet: see {told.get('journal')}"


def _told(letter: dict[str, Any]) -> str:
    source = f"{letter['topic']} partition {letter['source_partition']} offset {letter['source_offset']}"
    preview: str = letter["preview"].replace("\n", " ")[:PREVIEW_CHARACTERS]
    more = " …" if letter["is_cut"] or len(letter["preview"]) > PREVIEW_CHARACTERS else ""
    ways = {"send_back": "can be sent back", "run_again": "can be run again"}
    way = ways.get(letter["redrive"]) or f"can't be redriven: {letter['obstacle']}"
    return (
        f"{letter['id']}  {letter['buried_at']}  {letter['service']}, from {source}, {letter['size']} bytes\n"
        f"    {letter['reason']}\n    {_printable(preview)}{more}\n    {way}"
    )


def _printable(text: str) -> str:
    """Text from anywhere, harmless to a terminal."""
    return "".join(one if one.isprintable() else "\ufffd" for one in text)
