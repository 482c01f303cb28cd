"""docs/python-client.md says what there is."""

import ast
import re
from pathlib import Path

from tasker import Client
from tasker.task_event_producer import TaskEventProducer

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "docs" / "python-client.md", ROOT / "README.md")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
ROW = re.compile(r"^\| `([^|`]+)` \| `([^`]+)`", re.MULTILINE)


def test_the_table_has_every_method() -> None:
    resources: dict[str, object] = vars(Client("http://there"))
    there = {
        (name, method)
        for name, resource in resources.items()
        if type(resource).__module__.startswith("tasker.rest.sync")
        for method in dir(type(resource))
        if not method.startswith("_")
    }
    told = {
        (name, method)
        for names, methods in ROW.findall(PAGES[0].read_text())
        for name, some in zip(names.split(", "), methods.split("; "), strict=True)
        for method in some.split()
    }
    assert told == there


def test_the_calls_in_the_examples_are_of_methods_that_there_are() -> None:
    client = Client("http://there")
    seen = 0
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            for node in ast.walk(ast.parse(block)):
                path = dotted(node)
                if path[:1] == ["client"] and len(path) == 3:
                    assert callable(getattr(getattr(client, path[1]), path[2])), path
                    seen += 1
                if path[:1] == ["events"] and len(path) == 2:
                    assert callable(getattr(TaskEventProducer, path[1])), path
                    seen += 1
    assert seen >= 9


def dotted(node: ast.AST) -> list[str]:
    """The names of an attribute, from the outermost on."""
    if isinstance(node, ast.Attribute):
        return [*dotted(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []
