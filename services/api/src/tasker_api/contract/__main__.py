"""Writes `contract/`, or with `--check` only tells whether it is current."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tasker_api.app import create_app
from tasker_api.contract import asyncapi, task_events, written
from tasker_api.settings import ApiSettings
from tasker_core.task import Task
from tasker_core import dead_letter as dead_letters
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

FOLDER = Path("contract")


def documents() -> dict[str, str]:
    """Path under `contract/` → its content."""
    app = create_app(ApiSettings(web_root=None), None, Health(), configure("contract", "console"))
    topics = asyncapi.document(app.version, dead_letters.HEADERS, dead_letters.OPTIONAL_HEADERS)
    schemas = written.schemas() | {"task": Task.model_json_schema(), "task-events": task_events.schema()}
    return {
        "openapi.json": _json(app.openapi()),
        "asyncapi.yaml": yaml.dump(topics, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120),
        **{f"schemas/{name}.json": _json(schema) for name, schema in schemas.items()},
    }


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they are; what occurs twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        return yaml.ScalarNode("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


_Dumper.add_representer(str, _Dumper.text)


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def main(words: list[str]) -> int:
    """0 when written or current, 1 with one line a file that is not."""
    found = {FOLDER / name: text for name, text in documents().items()}
    if words == ["--check"]:
        stale = [path for path, text in found.items() if not path.is_file() or path.read_text() != text]
        stale += [path for path in FOLDER.rglob("*.*") if path not in found]
        for path in stale:
            sys.stderr.write(f"{path} is not what the code says: run `make contract` and commit it\n")
        return 1 if stale else 0
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
