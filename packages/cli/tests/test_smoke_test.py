"""`tasker smoke-test` against a server that answers as the API does; tests/e2e has the real one."""

import signal
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tasker import Client
from tasker.rest.request_policy import RequestPolicy
from tasker_cli.commands.smoke_test import RUNS, smoke_test
from tasker_cli.errors import CommandFailed

Answer = Callable[[httpx.Request], httpx.Response]
RUN = {"nominal_at": "2026-01-01T12:00:00.000Z", "finished_at": "2026-01-01T12:00:00.250Z", "state": "succeeded"}


class Api:
    """Knows tasks, and logs one run at each look. `answers` replaces what a method and path answer."""

    def __init__(self, answers: dict[tuple[str, str], Answer] | None = None) -> None:
        self.answers, self.tasks, self.runs, self.deletes = answers or {}, set[str](), 0, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/api/v1/")
        kind, _, task_id = name.partition("/")
        if given := self.answers.get((request.method, kind)):
            return given(request)
        if kind == "handlers":
            return httpx.Response(200, json={"items": [{"name": "default"}, {"name": "curl"}]})
        if kind == "runs":
            self.runs += 1
            return httpx.Response(200, json={"items": [RUN] * min(self.runs, RUNS), "next_cursor": None})
        if request.method == "PUT":
            self.tasks.add(task_id)
            return httpx.Response(201, json={"id": task_id})
        if request.method == "DELETE":
            self.deletes += 1
            known = task_id in self.tasks
            self.tasks.discard(task_id)
            return httpx.Response(204) if known else httpx.Response(404, json={"detail": "no such task"})
        return httpx.Response(404, json={"detail": "no such task"})


def walk(api: Api, seconds: float = 5) -> list[str]:
    policy = RequestPolicy(retries=0, decision_seconds=0)
    with Client("http://there", key="", policy=policy, transport=httpx.MockTransport(api)) as client:
        return list(smoke_test(client, seconds, look_again=lambda _: None))


def test_it_tells_each_step_and_leaves_nothing_behind() -> None:
    api = Api()
    lines = walk(api)
    assert [line.split()[0] for line in lines] == ["the", "made", str(RUNS), "deleted"]
    assert "handlers: curl, default" in lines[0]
    assert "at most 0.25 s after its time" in lines[2]
    assert (api.tasks, api.deletes) == (set(), 1)


def test_it_waits_for_what_is_not_there_yet() -> None:
    refusals = iter([502, 502, 503])

    def busy(request: httpx.Request) -> httpx.Response:
        status = next(refusals, None)
        return httpx.Response(status, text="not yet") if status else Api()(request)

    assert len(walk(Api({("GET", "handlers"): busy}))) == 4


def test_a_task_that_does_not_run_is_a_failure_and_is_deleted() -> None:
    nothing: dict[str, Any] = {"items": [], "next_cursor": None}
    api = Api({("GET", "runs"): lambda _: httpx.Response(200, json=nothing)})
    with pytest.raises(CommandFailed, match=r"not within 0.2 s: 3 runs of smoke-test-.* have succeeded"):
        walk(api, 0.2)
    assert (api.tasks, api.deletes) == (set(), 1)


def test_what_the_api_said_last_is_told() -> None:
    refusal = httpx.Response(422, json={"detail": "the schedule is wrong"})
    with pytest.raises(CommandFailed, match=r"is made .the schedule is wrong"):
        walk(Api({("PUT", "tasks"): lambda _: refusal}), 0.2)


def test_it_waits_where_a_system_has_no_sigtimedwait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS."""
    monkeypatch.delattr(signal, "sigtimedwait")
    monkeypatch.setattr("tasker_cli.commands.smoke_test.PAUSE_SECONDS", 0)
    with Client("http://there", key="", transport=httpx.MockTransport(Api())) as client:
        assert len(list(smoke_test(client, 5))) == 4
