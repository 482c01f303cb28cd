"""The contract of the last release, and what the one of today breaks for those who keep to it."""

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from tasker_contract.compatibility.message_changes import FOLDER, message_breaks
from tasker_contract.compatibility.rest_changes import rest_breaks
from tasker_contract.compatibility.schema_changes import Break

RELEASED = "released"
"""The folder beside the documents of today."""


def breaks(folder: Path) -> list[Break]:
    """What the documents in a folder break for those who keep to the released ones in it."""
    released = folder / RELEASED
    rest = rest_breaks(*(_json(one / "openapi.json") for one in (released, folder)))
    return rest + message_breaks(*_messages(released), *_messages(folder))


def release(folder: Path) -> None:
    """Make the documents in a folder those of the last release."""
    released = folder / RELEASED
    shutil.rmtree(released, ignore_errors=True)
    shutil.copytree(folder, released, ignore=shutil.ignore_patterns(RELEASED))


def _messages(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    schemas = {f"{FOLDER}/{path.name}": _json(path) for path in sorted((folder / FOLDER).glob("*.json"))}
    return yaml.safe_load((folder / "asyncapi.yaml").read_text()), schemas


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())
