"""One thing done to several tasks: what becomes of one keeps no other from it."""

import json

import httpx
import pytest

from tasker_cli.main import main

PENDING = httpx.Response(202, json={"event_id": "e1", "task_id": "a", "journal": "/api/v1/journal/e1"})
PAUSED = httpx.Response(200, json={"id": "b", "next_at": None})
NOT_THERE = httpx.Response(404, json={"detail": "the task 'c' is not there", "errors": []})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasker.rest.sync.requests.monotonic", iter(range(0, 1000, 20)).__next__)


def pause(*words: str) -> int:
    answers = {"a": PENDING, "b": PAUSED, "c": NOT_THERE}

    def answer(request: httpx.Request) -> httpx.Response:
        return answers[request.url.path.split("/")[-2]]

    return main(["tasks", "pause", *words], httpx.MockTransport(answer))


def test_what_is_not_decided_yet_is_named_and_the_others_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert pause("a", "b") == 4
    told = capsys.readouterr()
    assert told.out == "b: paused\n"
    assert told.err.splitlines() == [
        "tasker: a: taken, but not decided yet: the verdict comes to the journal under e1",
        "tasker: 0 refused, 1 done, 1 not decided yet",
    ]


def test_for_scripts_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert pause("a", "b", "--json") == 4
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["id"], first["event_id"], second["id"]) == ("a", "e1", "b")


def test_a_refusal_says_how_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert pause("a", "c", "b") == 3
    assert capsys.readouterr().err.endswith("tasker: 1 refused, 1 done, 1 not decided yet\n")
    assert pause("a") == 4
    assert capsys.readouterr().err.count("\n") == 1
