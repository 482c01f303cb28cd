"""The generated modules of the Python client, formatted as all other code."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tasker_contract.python_shapes import SHAPES_PATH, shapes
from tasker_contract.sync_client import ASYNC_FOLDER, sync_modules

_SECONDS: Final = 60


def modules(contract: Mapping[str, str]) -> dict[str, str]:
    """Path → module. `contract`: the files of contract/, by their names."""
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(ASYNC_FOLDER).glob("*.py"))}
    written = sync_modules(sources) | {SHAPES_PATH: shapes(json.loads(contract["openapi.json"]))}
    return {path: _formatted(path, text) for path, text in written.items()}


def _formatted(path: str, text: str) -> str:
    for arguments in (("check", "--select", "I", "--fix-only", "--quiet"), ("format", "--quiet")):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", path, "-"]
        text = subprocess.run(  # noqa: S603 -- Ruff itself, with no words but ours
            command, input=text, capture_output=True, text=True, check=True, timeout=_SECONDS
        ).stdout
    return text
