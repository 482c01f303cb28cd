"""`tasker dead-letters list|redrive`."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from tasker_cli.rest_client import RequestFailed, request

PAGE = 100
PREVIEW_CHARACTERS = 200
_ID = re.compile(r"(\d{1,4})-(\d{1,19})")


def list_dead_letters(client: httpx.Client, limit: int, *, as_json: bool) -> Iterator[str]:
    """The newest dead letters as lines: for people, or one JSON object a line. Raises RequestFailed."""
    cursor: str | None = None
    left = limit
    while left > 0:
        params: dict[str, Any] = {"limit": min(left, PAGE)} | ({"cursor": cursor} if cursor else {})
        page = request(client, "GET", "/dead-letters", params)
        for item in page["items"]:
            yield json.dumps(item, ensure_ascii=False) if as_json else _item_text(item)
        left -= len(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def redrive(client: httpx.Client, ids: Iterable[str]) -> Iterator[str]:
    """Redrive dead letters, one after the other, a line about each. Raises RequestFailed at the first that can't be."""
    for dead_letter_id in ids:
        match = _ID.fullmatch(dead_letter_id)
        if match is None:
            raise RequestFailed(f"{dead_letter_id!r} is no dead letter: give the id that the list shows, such as 3-17")
        try:
            answer = request(client, "POST", f"/dead-letters/{match[1]}/{match[2]}/redrive")
        except RequestFailed as error:
            raise RequestFailed(f"{dead_letter_id}: {error}") from None
        yield f"{dead_letter_id}  {_redrive_text(answer)}"


def _redrive_text(answer: dict[str, Any]) -> str:
    if answer.get("how") == "sent_back":
        position = f"partition {answer['partition']}, offset {answer['offset']}"
        return f"sent back to {answer['topic']}, {position}: {answer['note']}"
    if answer.get("how") == "run_again":
        return f"runs again as {answer['run_id']}: {answer['note']}"
    return f"taken, not decided yet: see {answer.get('journal')}"


def _item_text(item: dict[str, Any]) -> str:
    source = f"{item['topic']} partition {item['source_partition']} offset {item['source_offset']}"
    preview: str = item["preview"].replace("\n", " ")[:PREVIEW_CHARACTERS]
    more = " …" if item["is_cut"] or len(item["preview"]) > PREVIEW_CHARACTERS else ""
    actions = {"send_back": "can be sent back", "run_again": "can be run again"}
    action = actions.get(item["redrive"]) or f"can't be redriven: {item['obstacle']}"
    return (
        f"{item['id']}  {item['buried_at']}  {item['service']}, from {source}, {item['size']} bytes\n"
        f"    {item['reason']}\n    {_printable(preview)}{more}\n    {action}"
    )


def _printable(text: str) -> str:
    """Text from anywhere, harmless to a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
