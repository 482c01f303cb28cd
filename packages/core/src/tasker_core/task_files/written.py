"""PURE. Tasks as a file that can be read back as they are, piece by piece."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from tasker_core.task_files.crontab.written_entry import entry_lines, reason_for_no_entry
from tasker_core.task_files.entries import Format
from tasker_core.task_files.yaml_scalars import plain_value

_WIDTH: Final = 1 << 20
"""Lines of YAML are not folded: so a difference shows what has changed."""
_OPEN_END: Final = re.compile(r"(?:\A|[\n\r\x85\u2028\u2029])[\n\r\x85\u2028\u2029]\Z")
"""Behind a block that ends so, libyaml ends the document."""
_CRONTAB_HEAD: Final = """\
# Tasks of Tasker as a crontab (of a user: no user stands before the commands).
# Behind "# tasker" is the whole task, by which an import takes it back as it is.
"""
Definition = Mapping[str, Any]


class TaskFileWriter:
    """Writes one file: `begin`, then each task with its definition as in `POST /tasks`, then `end`."""

    def __init__(self, file_format: Format) -> None:
        self._format: Format = file_format
        self._is_empty = True
        self._timezone: str | None = None

    def begin(self) -> str:
        """What stands before all tasks."""
        return {"json": '{"tasks": [', "crontab": _CRONTAB_HEAD}.get(self._format, "")

    def task(self, definition: Definition) -> str:
        """One task. A crontab tells of what it can't hold in a comment."""
        is_first, self._is_empty = self._is_empty, False
        match self._format:
            case "json":
                return f"{'' if is_first else ','}\n{_json(definition)}"
            case "ndjson":
                return f"{_json(definition)}\n"
            case "yaml":
                return f"{'tasks:' if is_first else ''}\n{_yaml(definition)}"
            case "crontab":
                return self._entry(definition)

    def end(self) -> str:
        """What stands behind all tasks."""
        empty_yaml = "tasks: []\n" if self._is_empty else ""
        return {"json": "\n]}\n", "yaml": empty_yaml}.get(self._format, "")

    def _entry(self, definition: Definition) -> str:
        if reason := reason_for_no_entry(definition):
            return f"\n# Not in this crontab: {definition['id']}: {reason}\n"
        lines = entry_lines(definition)
        if (timezone := definition["schedule"].get("timezone", "UTC")) != self._timezone:
            self._timezone = timezone
            lines.insert(0, f"CRON_TZ={timezone}")
        return "\n" + "".join(f"{line}\n" for line in lines)


def _json(definition: Definition) -> str:
    return json.dumps(definition, ensure_ascii=False, separators=(", ", ": "))


def _yaml(definition: Definition) -> str:
    listed = [dict(definition)]
    return yaml.dump(listed, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


class _Dumper(yaml.CSafeDumper):
    """Without anchors; texts are quoted that would be read as anything else (yaml_scalars.py)."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.Node:
    style = ('"' if _OPEN_END.search(text) else "|") if "\n" in text else None
    try:
        style = style if isinstance(plain_value(text), str) else '"'
    except ValueError:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _text)
