"""The files of `contract/`."""

import json
from typing import Any

import yaml

from tasker_api.app import create_app
from tasker_api.settings import ApiSettings
from tasker_contract import asyncapi, service_messages, task_event_schema
from tasker_core.calendars.calendar import Calendar
from tasker_core.task import Task
from tasker_runtime.health import Health
from tasker_runtime.logs import configure


def documents() -> dict[str, str]:
    """Path under `contract/` → its content."""
    app = create_app(ApiSettings(web_root=None), None, Health(), configure("contract", "console"))
    schemas = service_messages.schemas() | {
        "calendar": Calendar.model_json_schema(),
        "task": Task.model_json_schema(),
        "task-events": task_event_schema.schema(),
    }
    topics = yaml.dump(asyncapi.document(app.version), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return {
        "openapi.json": _json(app.openapi()),
        "asyncapi.yaml": topics,
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
