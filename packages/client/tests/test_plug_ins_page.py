"""docs/plug-ins.md and the handler in README.md do what they say: their code is read from the pages and run."""

import ast
import inspect
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from tasker import Handler, Run
from tasker.handler_declaration import Mode
from tasker.task_event_producer import TaskEventProducer
from tasker.testing import Outcome, attempt
from tasker_core.task import parse_task

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "plug-ins.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def ran(*code: str) -> dict[str, Any]:
    """The names that code on a page defines."""
    names: dict[str, Any] = {"__name__": "page"}
    for one in code:
        exec(compile(one, "page", "exec"), names)
    return names


async def test_the_plug_in_passes_its_own_test() -> None:
    plug_in, test, _ = blocks(PAGE, "python")
    names = ran(plug_in, test)
    await names["test_reports_stay_in_the_house"]()
    assert names["send_report"].description == "Sends a report by mail."


async def test_the_handler_in_the_readme_greets() -> None:
    (code,) = (block for block in blocks((ROOT / "README.md").read_text(), "python") if "@handler" in block)
    assert (await attempt(ran(code)["greet"], {"name": "Ada"})).result == {"greeting": "Hello, Ada!"}


def test_entry_points_name_what_is_there() -> None:
    plug_in, *_ = blocks(PAGE, "python")
    (project,) = blocks(PAGE, "toml")
    ((name, place),) = tomllib.loads(project)["project"]["entry-points"]["tasker.handlers"].items()
    file, function = plug_in.splitlines()[0], place.partition(":")[2]
    assert (name, file) == ("send-report", f"# src/{place.partition(':')[0].replace('.', '/')}.py")
    assert isinstance(ran(plug_in)[function], Handler)


def test_task_events_are_sent_as_the_page_has_it() -> None:
    tree = ast.parse(f"async def page():\n{re.sub('^', '    ', blocks(PAGE, 'python')[2], flags=re.MULTILINE)}")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    assert [ast.unparse(call.func) for call in calls] == ["events.put", "events.trigger"]
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        given = [ast.literal_eval(argument) for argument in call.args]
        named = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
        inspect.signature(getattr(TaskEventProducer, call.func.attr)).bind(None, *given, **named)
        if call.func.attr == "put":
            assert parse_task(given[0], lambda _handler, _payload: []).id == "monthly"


def test_the_tables_name_all_there_is() -> None:
    of_run, modes = PAGE.partition("| of `run` | |")[2].split("| `mode` |")
    documented = {
        re.split(r"\W", word)[0] for line in re.findall(r"^\| (`.+?`) \| ", of_run, re.M) for word in words(line)
    }
    has = {field.name for field in fields(Run) if field.name != "control"} | {"cancelled", "progress"}
    assert documented == has
    assert set(re.findall(r"^\| `(\w+)`", modes, re.MULTILINE)) == set(get_args(Mode))
    (kept,) = re.findall(r"^Its `Outcome` has (.*?);", PAGE, re.MULTILINE | re.DOTALL)
    assert words(kept) == [field.name for field in fields(Outcome)]


def words(text: str) -> list[str]:
    return re.findall(r"`(.+?)`", text)
