"""What is done to many tasks, against a server that answers as the API does."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasker_cli.main import main

Capture = pytest.CaptureFixture[str]
ID = "0G9Z5ZSXZ1T61EFDHHQ9KZRPY4"


def change_set(**changes: Any) -> dict[str, Any]:
    numbers: dict[str, Any] = dict.fromkeys(
        ("rejected", "changed_meanwhile", "superseded", "unchanged", "left_out", "waiting", "accepted"), 0
    )
    texts = dict.fromkeys(("filter", "options", "actor", "note", "undoes", "undone_by"))
    about = {"id": ID, "kind": "bulk", "action": "pause", "state": "done", "total": 2, "examples": list[Any]()}
    times = {"created_at": "2026-01-01T12:00:00.000Z", "updated_at": "2026-01-01T12:00:01.000Z"}
    return {**numbers, **texts, **about, **times, "channel": "rest", **changes}


class Api:
    """Remembers what it was asked for, and answers with a plan or a change-set."""

    def __init__(self, *, invalid: int = 0, **found: Any) -> None:
        self.asked, self.found = list[tuple[str, Any]](), change_set(**found)
        wrong = {
            "task_id": None,
            "line": 7,
            "action": "invalid",
            "errors": [{"pointer": "", "message": "61 is no minute"}],
        }
        new = {"task_id": "a", "line": 4, "action": "create", "errors": list[Any]()}
        items: list[dict[str, Any]] = [new, *([wrong] * invalid)]
        self.plan: dict[str, Any] = {
            "plan": "p1",
            "counts": {"create": 1, "invalid": invalid},
            "is_whole": True,
            "items": [{"changes": [], "changes_left_out": 0, "warnings": []} | one for one in items],
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path.removeprefix("/api/v1"), dict(request.url.params)
        if path == "/imports":
            self.asked.append((query["mode"], query | {"type": request.headers["content-type"]}))
            return (
                httpx.Response(200, json=self.plan) if query["mode"] == "plan" else httpx.Response(202, json=self.found)
            )
        if request.method == "POST":
            body = json.loads(request.content or b"{}")
            self.asked.append((path, body))
            if body.get("dry_run"):
                return httpx.Response(200, json={"count": 2, "sample": [{"id": "a"}, {"id": "b"}], "left_out": []})
            return httpx.Response(202, json=self.found)
        return httpx.Response(200, json=self.found)


def tasker(api: Api, *arguments: str) -> int:
    return main(["--url", "http://there", *arguments], httpx.MockTransport(api))


def test_a_bulk_action_says_which_tasks_and_is_counted_before_it_begins(capsys: Capture) -> None:
    api = Api(accepted=2)
    assert tasker(api, "bulk", "pause") == 2
    assert tasker(api, "bulk", "pause", "a", "--tag", "x") == 2
    assert tasker(api, "bulk", "spread", "--all") == 2
    assert api.asked == []
    capsys.readouterr()
    assert tasker(api, "bulk", "pause", "--tag", "x", "--dry-run") == 0
    assert capsys.readouterr().out == "pause: 2 tasks (a, b)\n"
    assert tasker(api, "bulk", "pause", "--tag", "x") == 1
    assert "say --yes" in capsys.readouterr().err
    assert all(body["dry_run"] for _, body in api.asked)


def test_a_bulk_action_is_followed_to_its_end_and_tells_of_refusals(capsys: Capture) -> None:
    api = Api(accepted=2)
    assert tasker(api, "bulk", "tag", "a", "b", "--add", "x", "--note", "why", "--yes") == 0
    assert api.asked == [("/bulk-actions", {"action": "tag", "note": "why", "add_tags": ["x"], "ids": ["a", "b"]})]
    assert "2 changed" in capsys.readouterr().out
    refused = Api(accepted=1, rejected=1)
    assert tasker(refused, "bulk", "pause", "--all", "--yes", "--json") == 1
    assert refused.asked == [("/bulk-actions", {"action": "pause", "filter": {}, "all": True})]
    assert json.loads(capsys.readouterr().out)["rejected"] == 1
    assert tasker(Api(state="interrupted"), "change-sets", "resume", ID) == 1
    spread = Api(accepted=2)
    assert tasker(spread, "bulk", "spread", "--tag", "x", "--window", "0", "--yes") == 0
    assert spread.asked[0][1]["spread"] is None


def test_an_undo_asks_before_it_begins(capsys: Capture) -> None:
    api = Api(accepted=2)
    assert tasker(api, "undo", ID) == 1
    assert "Undo pause of 2 tasks?" in capsys.readouterr().err
    assert api.asked == []
    assert tasker(api, "undo", ID, "--yes", "--note", "too early") == 0
    assert api.asked == [(f"/change-sets/{ID}/undo", {"note": "too early"})]


def test_an_import_is_planned_and_shown_and_not_applied_with_wrong_lines(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "jobs.crontab"
    file.write_text("0 3 * * * true\n")
    api = Api(invalid=1)
    assert tasker(api, "import", str(file), "--yes") == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "+ a  line 4",
        "! an entry  line 7",
        "    61 is no minute",
        "1 create, 1 invalid",
    ]
    assert "1 line wrong, so nothing is imported" in output.err
    assert [mode for mode, _ in api.asked] == ["plan"]
    assert tasker(api, "import", str(file), "--skip-invalid", "--timezone", "UTC", "--prefix", "old-", "--yes") == 0
    mode, query = api.asked[-1]
    assert (mode, query["plan"], query["invalid"], query["prefix"]) == ("apply", "p1", "skip", "old-")
    assert query["type"] == "text/x-crontab"
    assert tasker(api, "import", str(tmp_path / "nowhere.yaml")) == 2
    (tmp_path / "unknown").write_text("")
    assert tasker(api, "import", str(tmp_path / "unknown")) == 2


def test_an_export_that_breaks_off_leaves_the_file_as_it_was(tmp_path: Path, capsys: Capture) -> None:
    def broken() -> Any:
        yield b"tasks:\n"
        raise httpx.RemoteProtocolError("incomplete")

    file = tmp_path / "tasks.yaml"
    file.write_text("before")
    answers = [httpx.Response(200, content=broken()), httpx.Response(200, content=b"tasks: []\n")]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    assert main(["--url", "http://there", "export", "-o", str(file)], transport) == 4
    assert (file.read_text(), list(tmp_path.iterdir())) == ("before", [file])
    assert main(["--url", "http://there", "export", "-o", str(file)], transport) == 0
    assert file.read_text() == "tasks: []\n"
    assert "has broken off" in capsys.readouterr().err
