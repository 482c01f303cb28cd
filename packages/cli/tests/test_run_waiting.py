"""`trigger --wait`: it waits for the end of the run, however long that takes, and says why nothing is seen of it."""

import httpx
import pytest

from tasker_cli.main import main

TRIGGERED = httpx.Response(202, json={"run_id": "r1", "task_id": "a"})
NOT_THERE = httpx.Response(404, json={"detail": "there is no run r1", "errors": []})
BEGUN = {"id": "r1", "task_id": "a", "state": "running", "started_at": "2026-01-01T00:00:00Z", "finished_at": None}
RUN = BEGUN | {"error": None, "result": None}
RUNNING = httpx.Response(200, json=RUN)
SUCCEEDED = httpx.Response(200, json=RUN | {"state": "succeeded", "finished_at": "2026-01-01T00:00:02Z", "result": 7})
FAILED = httpx.Response(200, json=RUN | {"state": "failed", "error": {"type": "error", "message": "no"}})


def wait(monkeypatch: pytest.MonkeyPatch, *seen: httpx.Response) -> int:
    """With so many answers about the run, 20 s one after the other; a further question is an error."""
    answers = iter(seen)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return TRIGGERED
        assert request.url.path == "/api/v1/runs/r1", "whoever holds a stream open hears nothing of a run that waits"
        return next(answers)

    monkeypatch.setattr("tasker_cli.commands.run_waiting.monotonic", iter(range(0, 1_000, 20)).__next__)
    monkeypatch.setattr("tasker_cli.commands.run_waiting.LOOK_SECONDS", 0)
    return main(["tasks", "trigger", "a", "--wait"], httpx.MockTransport(answer))


def test_a_run_that_does_not_begin_is_remarked_upon_once_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wait(monkeypatch, *[NOT_THERE] * 5, RUNNING, SUCCEEDED) == 0
    told = capsys.readouterr()
    assert told.out == "a: succeeded after 2.0 s: 7\n"
    assert told.err.startswith("a: the run r1 has not begun after 30 s. It waits for another run of its task to end")
    assert told.err.count("has not begun") == 1


def test_one_that_begins_soon_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert wait(monkeypatch, NOT_THERE, *[RUNNING] * 9, FAILED) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("a: failed: no\n", "")
