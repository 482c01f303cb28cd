"""The command against a server that answers as the API does; tests/e2e has the real one."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tasker_cli.main import main

Capture = pytest.CaptureFixture[str]


def dead_letter(offset: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"3-{offset}",
        "partition": 3,
        "offset": offset,
        "buried_at": "2026-01-01T12:00:00.000Z",
        "service": "ticker",
        "topic": "tasker.task-events",
        "source_partition": 5,
        "source_offset": 41,
        "reason": "not JSON",
        "size": 9,
        "preview": "not\nan \x1b[31mevent",
        "is_cut": False,
        "redrive": "send_back",
        "obstacle": None,
    } | changes


def tasker(answer: Callable[[httpx.Request], httpx.Response], *arguments: str) -> int:
    return main([*arguments], httpx.MockTransport(answer))


def test_it_lists_page_by_page_up_to_the_limit(capsys: Capture) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.url.params))
        items = [dead_letter(len(seen) * 100 - n) for n in range(int(request.url.params["limit"]))]
        return httpx.Response(200, json={"items": items, "next_cursor": f"behind-{len(seen)}"})

    assert tasker(answer, "--url", "http://there", "dead-letters", "list", "--limit", "130") == 0
    assert seen == [{"limit": "100"}, {"limit": "30", "cursor": "behind-1"}]
    output = capsys.readouterr().out
    assert output.count("from tasker.task-events partition 5 offset 41, 9 bytes\n    not JSON\n") == 130
    assert ("not an \ufffd[31mevent" in output, "\x1b" in output) == (True, False)


def test_it_lists_as_json_and_says_what_cannot_be_redriven(capsys: Capture) -> None:
    items = [dead_letter(1, redrive=None, obstacle="too large"), dead_letter(0)]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"items": items, "next_cursor": None})

    assert tasker(answer, "dead-letters", "list", "--json") == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == items
    assert tasker(answer, "dead-letters", "list") == 0
    assert "can't be redriven: too large" in capsys.readouterr().out


def test_it_redrives_each_and_stops_at_the_first_refusal(capsys: Capture) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        if request.url.path.endswith("/3/1/redrive"):
            position = {"topic": "tasker.task-events", "partition": 5, "offset": 77}
            return httpx.Response(200, json={"how": "sent_back", "note": "again there", **position})
        if request.url.path.endswith("/3/2/redrive"):
            return httpx.Response(200, json={"how": "run_again", "note": "n", "run_id": "r"})
        if request.url.path.endswith("/3/3/redrive"):
            return httpx.Response(202, json={"journal": "/api/v1/journal/e"})
        return httpx.Response(409, json={"detail": "this dead letter can't be redriven"})

    assert tasker(answer, "dead-letters", "redrive", "3-1", "3-2", "3-3", "3-4", "3-5") == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "3-1  sent back to tasker.task-events, partition 5, offset 77: again there",
        "3-2  runs again as r: n",
        "3-3  taken, not decided yet: see /api/v1/journal/e",
    ]
    assert output.err == "tasker: 3-4: this dead letter can't be redriven\n"


def test_an_error_is_one_line(capsys: Capture) -> None:
    assert main(["--url", "http://127.0.0.1:1", "dead-letters", "list"]) == 1
    assert capsys.readouterr().err.startswith("tasker: no answer from http://127.0.0.1:1")
    assert tasker(lambda _: httpx.Response(200, text="<html>"), "dead-letters", "list") == 1
    assert "is it a Tasker?" in capsys.readouterr().err
    assert tasker(lambda _: httpx.Response(500), "dead-letters", "redrive", "nonsense") == 1
    assert "such as 3-17" in capsys.readouterr().err
    for arguments in ([], ["dead-letters"], ["dead-letters", "list", "--limit", "0"], ["dead-letters", "redrive"]):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
