"""What README.md and docs/ say of the REST interface, tasks and settings is so."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import tasker
from tasker_api.schemas.schedules import PreviewInput
from tasker_api.schemas.tasks import TaskInput
from tasker_api.settings import ApiSettings
from tasker_contract.generated_files import documents
from tasker_core.handlers.built_in import BUILT_IN
from tasker_core.schedules.schedule import Schedule
from tasker_core.task import Misfire, Retry, parse_task
from tasker_devstack.paths import ROOT
from tasker_executor.settings import ExecutorSettings
from tasker_log_sink.settings import SinkSettings
from tasker_ticker.settings import TickerSettings

README = (ROOT / "README.md").read_text()
PAGES = {path.name: path.read_text() for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
SETTINGS = {
    f"TASKER_{name}".upper(): field.default
    for settings in (ApiSettings, ExecutorSettings, SinkSettings, TickerSettings)
    for name, field in settings.model_fields.items()
}
PATHS: dict[str, Any] = json.loads(documents()["openapi.json"])["paths"]


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = re.split(r"^## ", page.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return [re.split(r" \| ", line.strip("| ")) for line in section.splitlines() if line.startswith("| ")][1:]


def test_the_task_is_taken_and_so_is_every_schedule_and_option() -> None:
    (whole,) = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    assert parse_task(whole).id == "daily-report"
    shown = re.findall(r"^\| `(\{.*?\})` \|", README, re.MULTILINE)
    assert len(shown) == 3
    for schedule in shown:
        TypeAdapter(Schedule).validate_json(schedule)
    (misfire,) = re.findall(r"`(\{\"policy\".*?\})`", README)
    assert Misfire.model_validate_json(misfire) == Misfire()
    (retry,) = re.findall(r"^`retry` \(`(\{.*?\})`\)", README, re.MULTILINE)
    Retry.model_validate_json(retry)
    handlers = re.findall(r"^\| `(\w+)` \| ", README.partition("| `handler` | `payload` |")[2], re.MULTILINE)
    assert handlers[: len(BUILT_IN)] == list(BUILT_IN)


def test_every_command_asks_for_what_there_is_with_a_body_that_is_taken() -> None:
    bodies = {"/api/v1/tasks": TaskInput, "/api/v1/schedules/preview": PreviewInput}
    commands = re.findall(r"^curl (.*?)(?=^curl |^```)", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 5
    for command in commands:
        path = re.sub(r"/tasks/hello", "/tasks/{task_id}", re.findall(r"localhost:3000(/[^\s'?]*)", command)[0])
        body = re.findall(r"-d '(.*?)'", command, re.DOTALL)
        method = (re.findall(r"-X (\w+)", command) or ["POST" if body else "GET"])[0]
        assert method.lower() in PATHS[path], command
        if body:
            bodies.pop(path).model_validate_json(body[0])
    assert not bodies


def test_every_place_in_the_table_of_rest_is_there() -> None:
    asked = 0
    for chunk in (chunk for cells in rows(README, "REST") for chunk in re.findall(r"`([A-Z][^`]+)`", cells[0])):
        match = re.fullmatch(r"([A-Z]+(?: · [A-Z]+)*) (\S+?)/?((?: · [a-z]+)*)", chunk)
        assert match is not None, chunk
        methods, place, more = match[1].split(" · "), match[2], match[3].split(" · ")[1:]
        for one in (place, *(f"{place.rpartition('/')[0]}/{word}" for word in more)):
            wanted = re.sub(r"\{\w+\}", "{}", f"/api/v1{one}")
            (found,) = (path for path in PATHS if re.sub(r"\{\w+\}", "{}", path) == wanted)
            assert all(method.lower() in PATHS[found] for method in methods), one
            asked += 1
    assert asked >= 15


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_a_page_names_is_one(page: str) -> None:
    code = "".join(path.read_text() for part in ("packages", "services") for path in (ROOT / part).rglob("src/**/*.py"))
    for name in set(re.findall(r"`(TASKER_\w*\w)[`=]", PAGES[page])) - set(SETTINGS):
        assert f'"{name}"' in code or name.startswith("TASKER_SECRET_"), name


def test_the_defaults_of_settings_are_those_of_the_code() -> None:
    seen = set[str]()
    for cells in (cells for cells in rows(README, "Settings") if "`make run`" not in cells[2]):
        names = re.findall(r"`(TASKER_\w+)`", cells[0])
        for name, default in zip(names, cells[1].split(", "), strict=False):
            if name in SETTINGS and default.isdecimal():
                assert int(default) == SETTINGS[name], name
                seen.add(name)
    assert len(seen) >= 4


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        file, _, anchor = link.partition("#")
        target = folder / file if file else folder / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """What headings are called in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_definitions_are_saved_by_what_knows_all_their_fields() -> None:
    """Whoever lost Kafka follows this: a list of fields in a script forgets those that come later."""
    section = PAGES["operations.md"].partition("**Definitions alone**")[2].partition("\n## ")[0]
    commands = re.findall(r"^tasker (.*?)(?:  .*)?$", section, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["export", "import"]
    code = "".join(re.findall(r"```\w+\n(.*?)```", section, re.DOTALL))
    assert not {"misfire", "retry"} & set(re.findall(r"\w+", code))


def test_the_script_for_calendars_brings_them_back_as_they_were(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = re.findall(r"^cat > calendars.py <<'EOF'\n(.*?)^EOF$", PAGES["operations.md"], re.DOTALL | re.MULTILINE)
    days = {"holidays": ["2026-12-25/2026-12-26"], "none": []}
    saved: dict[str, Any] = {}

    class Calendars:
        """As the client has them."""

        def list(self) -> list[dict[str, Any]]:
            return [{"name": name} for name in days]

        def get(self, name: str) -> dict[str, Any]:
            return {"name": name, "description": f"of {name}", "days": days[name], "version": 7}

        def put(self, name: str, calendar: dict[str, Any]) -> None:
            saved[name] = calendar

    class Client:
        """One that nothing is asked of but calendars."""

        calendars = Calendars()

        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(tasker, "Client", Client, raising=False)
    monkeypatch.setattr(sys, "argv", ["calendars.py", "export"])
    exec(script, {})
    monkeypatch.setattr(sys, "argv", ["calendars.py", "import"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(capsys.readouterr().out))
    exec(script, {})
    assert saved == {name: {"description": f"of {name}", "days": days[name]} for name in days}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_ours_is_installed_from_an_index_of_packages(page: str) -> None:
    """It has none of ours: what somebody else puts there under such a name would be run."""
    assert not re.findall(r"pip install [^`\n]*(?<![/\w])tasker-\w+", PAGES[page])


def test_the_packages_that_pages_install_are_here() -> None:
    found = {one for text in PAGES.values() for one in re.findall(r"pip install [^`\n]*", text)}
    folders = {folder for command in found for folder in re.findall(r"\./(packages/[\w-]+)", command)}
    assert folders >= {"packages/core", "packages/client"}
    assert all((ROOT / folder / "pyproject.toml").is_file() for folder in folders)
