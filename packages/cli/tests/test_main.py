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
        return httpx.Response(409, json={"detail": "this dead letter can't be redriven"})

    assert tasker(answer, "dead-letters", "redrive", "3-1", "3-2", "3-4", "3-5") == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "3-1  sent back to tasker.task-events, partition 5, offset 77: again there",
        "3-2  runs again as r: n",
    ]
    assert output.err == "tasker: 3-4: this dead letter can't be redriven\n"


def test_what_is_not_decided_yet_keeps_no_other_from_being_redriven(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = {"event_id": "e1", "task_id": "a", "journal": "/api/v1/journal/e1"}
    monkeypatch.setattr("tasker.rest.sync.requests.monotonic", iter(range(0, 1000, 20)).__next__)
    assert tasker(lambda _: httpx.Response(202, json=pending), "dead-letters", "redrive", "3-1", "3-2") == 4
    (first, second) = capsys.readouterr().out.splitlines()
    assert first == "3-1  taken, but not decided yet: the verdict comes to the journal under e1"
    assert second.startswith("3-2  ")
    words = ("dead-letters", "redrive", "3-1", "--json")
    assert tasker(lambda _: httpx.Response(202, json=pending), *words) == 4
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["event_id"]) == ("3-1", "e1")


@pytest.mark.parametrize(("status", "code"), [(200, 4), (404, 3), (409, 1)])
def test_a_refusal_behind_what_is_not_decided_yet_says_how_it_ends(
    status: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/3/1/redrive"):
            return httpx.Response(202, json={"event_id": "e1", "task_id": "a", "journal": "/api/v1/journal/e1"})
        whole: dict[str, Any] = {"how": "run_again", "note": "n", "run_id": "r", "detail": "this is why", "errors": []}
        return httpx.Response(status, json=whole)

    monkeypatch.setattr("tasker.rest.sync.requests.monotonic", iter(range(0, 1000, 20)).__next__)
    assert tasker(answer, "dead-letters", "redrive", "3-1", "3-2") == code


def test_an_error_is_one_line_and_has_its_exit_code(capsys: Capture) -> None:
    assert main(["--url", "http://127.0.0.1:1", "smoke-test", "--seconds", "1"]) == 1
    assert "no answer from http://127.0.0.1:1" in capsys.readouterr().err
    cases: dict[int, int] = {400: 1, 401: 1, 403: 1, 404: 3, 409: 1, 412: 1, 422: 1, 500: 1}
    for status, code in cases.items():
        answer = httpx.Response(status, json={"detail": "this is why", "errors": []})
        assert tasker(lambda _, answer=answer: answer, "tasks", "show", "a") == code
        assert capsys.readouterr().err.startswith("tasker: this is why\n")
    assert tasker(lambda _: httpx.Response(200, text="<html>"), "dead-letters", "list") == 1
    assert "is it a Tasker?" in capsys.readouterr().err
    assert tasker(lambda _: httpx.Response(500), "dead-letters", "redrive", "nonsense") == 1
    assert "such as 3-17" in capsys.readouterr().err


def test_who_is_away_is_another_exit_code(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    def give_up(*_: object) -> None:
        return None

    monkeypatch.setattr("tasker.rest.request_policy.RequestPolicy.pause", give_up)
    assert tasker(refuse, "--url", "http://there", "tasks", "show", "a") == 4
    assert capsys.readouterr().err == "tasker: no answer from http://there: refused\n"
    assert tasker(lambda _: httpx.Response(503, json={"detail": "Kafka is away"}), "tasks", "pause", "a", "b") == 4
    assert tasker(refuse, "tasks", "list", "--json") == 4
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["error"].startswith("no answer")


def test_wrong_fields_are_told_each_on_its_line(capsys: Capture) -> None:
    errors = [{"pointer": "/handler", "message": "there is none"}, {"pointer": "", "message": "too large"}]
    answer = httpx.Response(422, json={"detail": "all of it", "errors": errors})
    assert tasker(lambda _: answer, "tasks", "create", "a", "--manual") == 1
    assert capsys.readouterr().err.splitlines() == [
        "tasker: 2 things are wrong:",
        "tasker:   /handler: there is none",
        "tasker:   the whole: too large",
    ]
    assert tasker(lambda _: answer, "tasks", "create", "a", "--manual", "--json") == 1
    assert json.loads(capsys.readouterr().err) == {"error": "all of it", "status": 422, "errors": errors}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["dead-letters", "list", "--limit", "0"],
        ["dead-letters", "redrive"],
        ["tasks", "create", "a"],
        ["tasks", "create", "a", "--cron", "* * * * *", "--every", "5m"],
        ["tasks", "create", "a", "--at", "2026-12-24T18:00"],
        ["tasks", "trigger", "a", "--payload", "{"],
        ["tasks", "trigger", "a", "--payload", "@/nowhere"],
        ["tasks", "trigger", "a", "--payload", "NaN"],
        ["tasks", "trigger", "a", "--payload", "[1e999]"],
        ["tasks", "trigger", "a", "--payload", "[" * 100_000],
        ["tasks", "trigger", "a", "--payload", '"\\ud800"'],
        ["tasks", "pause", "a", "--note", "not UTF-8: \udcff"],
        ["tasks", "pause", "\udcff"],
        ["tasks", "list", "\udcff"],
        ["runs", "list", "--since", "yesterday"],
        ["runs", "list", "--since", "999999d"],
        ["forecast", "--to", "999999w"],
        ["runs", "cancel"],
        ["tasks", "edit", "a", "--set", "nonsense"],
        ["verify", "--from", "2026-12-24T18:00:00Z", "--since", "10m"],
        ["verify", "--late", "soon"],
        ["--url", "ftp://there", "tasks", "list"],
    ],
)
def test_wrong_arguments_are_told_before_anything_is_done(arguments: list[str], capsys: Capture) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        return httpx.Response(200, json={"id": "a", "name": "a", "schedule": {"manual": True}})

    assert tasker(answer, *arguments) == 2
    assert capsys.readouterr().err


def test_it_says_its_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tasker 0.")
