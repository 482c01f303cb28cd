"""One running system per checkout: a lock that dies with its holder, and the note that others read."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from tasker_devstack.trouble import Trouble


class RunLock:
    """Held by the one supervisor of a checkout; the kernel frees it however the holder ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock, self._note = folder / "run.lock", folder / "run.json"
        self._handle: int | None = None

    def take(self) -> None:
        """Take it. Raises Trouble when another run holds it."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            pid = self.read().get("pid", "?")
            raise Trouble(
                f"Tasker runs here already (pid {pid}): stop it with `make run-stop` or Ctrl-C there"
            ) from None
        self._handle = handle
        self.write({"pid": os.getpid(), "ready": False})

    def held(self) -> bool:
        """Whether a run holds it (not this one)."""
        try:
            self.take()
        except Trouble:
            return True
        self.release()
        return False

    def write(self, note: dict[str, Any]) -> None:
        """Say something of this run to those who ask."""
        self._note.write_text(json.dumps(note))

    def read(self) -> dict[str, Any]:
        """What the present or last run said of itself."""
        try:
            note: dict[str, Any] = json.loads(self._note.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return note

    def release(self) -> None:
        """Give it back."""
        if self._handle is not None:
            self._note.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None
