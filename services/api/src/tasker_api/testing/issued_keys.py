"""A file of keys for tests, one for each kind of caller."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasker_core.access.api_key import ApiKey, key_digest, key_text
from tasker_core.access.keys_file import KeysFile
from tasker_core.access.roles import Role

MADE = datetime(2026, 1, 1, tzinfo=UTC)


class IssuedKeys:
    """Keys by their names, and the file that holds what is kept of them. Nothing of them is random."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._kept = dict[str, ApiKey]()
        self._texts = dict[str, str]()

    def issue(self, name: str, role: Role, **more: Any) -> str:
        """Add a key."""
        number = len(self._texts)
        text = self._texts[name] = key_text(f"{number:08d}", f"{name.title().replace(' ', '')}Secret".ljust(32, "x"))
        fields = {"id": f"{number:08d}", "name": name, "role": role, "sha256": key_digest(text), "created_at": MADE}
        self._kept[name] = ApiKey.model_validate(fields | more)
        self.write()
        return text

    def change(self, name: str, **fields: Any) -> None:
        """Give a key that stands another role or so."""
        self._kept[name] = self._kept[name].model_copy(update=fields)
        self.write()

    def revoke(self, name: str) -> None:
        """Take a key away."""
        del self._kept[name]
        self.write()

    def write(self) -> None:
        """Put the file there as it is to be."""
        self.file.write_bytes(KeysFile(keys=tuple(self._kept.values())).encoded())

    def header(self, name: str) -> dict[str, str]:
        """The header by which a key is shown."""
        return {"Authorization": f"Bearer {self._texts[name]}"}
