"""A planned import as the portions of a change-set, from a file of its own."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any, Final

import msgspec

from tasker_api.change_sets.import_plan import PlannedTask
from tasker_api.change_sets.portions import Item, Portion

PORTION: Final = 200
_UNCHANGED: Final = "same"


class PlannedImport:
    """A PortionSource: what was planned, in the order of the file. Whoever has one closes it.

    A position is of this very file: one of another process, that began with it, is none.
    """

    def __init__(self, note: str | None) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 (it stands as long as this does; `close` closes it)
        self._note = {} if note is None else {"note": note}
        self._name, self._tasks = secrets.token_hex(4), 0

    def add(self, planned: Sequence[PlannedTask], versions: Mapping[str, int] | None = None) -> None:
        """What is to be done next. `versions` are those of the tasks that were there when the import began, if that was
        before: what somebody has changed, made or deleted since is refused for them.
        """
        lines = list[bytes]()
        for one in planned:
            if one.action == "invalid":
                continue
            self._tasks += 1
            what: Any = _UNCHANGED if one.definition is None else one.definition
            version = one.version if versions is None or one.task_id is None else versions.get(one.task_id, 0)
            lines.append(msgspec.json.encode([one.task_id, version, what]) + b"\n")
        self._file.write(b"".join(lines))

    async def total(self) -> int:
        """As PortionSource says."""
        return self._tasks

    async def portions(self, after: str | None) -> AsyncGenerator[Portion]:
        """As PortionSource says."""
        name, _, place = (after or "").partition(":")
        self._file.seek(int(place) if name == self._name else 0)
        while lines := await asyncio.to_thread(self._lines):
            yield self._portion(lines)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _lines(self) -> list[Any]:
        found = (self._file.readline() for _ in range(PORTION))
        return [msgspec.json.decode(line) for line in found if line]

    def _portion(self, lines: Sequence[Any]) -> Portion:
        items, unchanged = list[Item](), list[str]()
        for task_id, version, what in lines:
            if what == _UNCHANGED:
                unchanged.append(task_id)
            else:
                items.append(Item(task_id, "put", {"task": what, **self._note}, version))
        return Portion(f"{self._name}:{self._file.tell()}", items, unchanged)
