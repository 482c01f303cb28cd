"""Writes `contract/`: what third parties need, generated from the code. `--check` only tells whether it is current."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from tasker_api.app import create_app
from tasker_api.settings import ApiSettings
from tasker_core import messages
from tasker_core.task import Task
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

FOLDER = Path("contract")


def documents() -> dict[str, Any]:
    """Path under `contract/` → its content."""
    app = create_app(ApiSettings(web_root=None), None, Health(), configure("contract", "console"))
    return {"openapi.json": app.openapi()} | {f"schemas/{name}.json": schema for name, schema in _schemas().items()}


def _schemas() -> dict[str, Any]:
    written: dict[str, Any] = {
        "due": _plain(messages.Run) | messages.Cancel,
        "results": _plain(messages.RunStarted) | _plain(messages.RunFinished),
        "verdicts": _plain(messages.Verdict)
        | messages.Missed
        | messages.Ended
        | messages.BackfillEnded
        | messages.Finished
        | messages.Removed,
        "handlers": _plain(messages.HandlerAnnounced),
        "watermarks": messages.Watermark,
    }
    return {"task": Task.model_json_schema()} | {name: msgspec.json.schema(kind) for name, kind in written.items()}


def _plain(message: type[messages.Message]) -> Any:
    """The same message with its raw JSON as any JSON: msgspec draws no schema of a raw default."""
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(message):
        raw = field.type is msgspec.Raw
        options = {} if field.required else {"default": None if raw else field.default}
        fields.append((field.name, Any if raw else field.type, msgspec.field(name=field.encode_name, **options)))
    tag = message.__struct_config__.tag
    told = {"__doc__": message.__doc__}
    return msgspec.defstruct(message.__name__, fields, namespace=told, tag=tag, tag_field="type", kw_only=True)


def main(words: list[str]) -> int:
    """0 when written or current, 1 with one line a file that is not."""
    found = {
        FOLDER / name: json.dumps(content, indent=2, sort_keys=True) + "\n" for name, content in documents().items()
    }
    if words == ["--check"]:
        stale = [path for path, text in found.items() if not path.is_file() or path.read_text() != text]
        stale += [path for path in FOLDER.rglob("*.json") if path not in found]
        for path in stale:
            sys.stderr.write(f"{path} is not what the code says: run `make contract` and commit it\n")
        return 1 if stale else 0
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
