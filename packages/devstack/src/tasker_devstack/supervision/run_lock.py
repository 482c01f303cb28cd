"""One running system per checkout: a lock that dies with its holder, and a note for others."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from tasker_devstack.errors import DevstackError
from tasker_devstack.polling import pause

TRIES = 5
"""Who only asks whether the lock is held is in the way for a moment."""


class RunLock:
    """Held by the one supervisor of a checkout; the kernel frees it however the holder ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock, self._note = folder / "run.lock", folder / "run.json"
        self._handle: int | None = None

    def take(self) -> None:
        """Take it. Raises DevstackError when another run holds it."""
        for _ in range(TRIES):
            self._handle = self._locked(fcntl.LOCK_EX)
            if self._handle is not None:
                self.write({"pid": os.getpid(), "ready": False})
                return
            pause()
        pid = self.read().get("pid", "?")
        raise DevstackError(
            f"Tasker runs here already (pid {pid}): end it with `make run-stop`, or with Ctrl-C where it runs"
        )

    def held(self) -> bool:
        """Whether a run holds it; asking changes nothing."""
        handle = self._locked(fcntl.LOCK_SH)
        if handle is None:
            return True
        os.close(handle)
        return False

    def write(self, note: dict[str, Any]) -> None:
        """Write a note on this run for those who ask."""
        draft = self._note.with_suffix(".new")
        draft.write_text(json.dumps(note))
        draft.replace(self._note)

    def read(self) -> dict[str, Any]:
        """What the present or last run wrote of itself."""
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

    def _locked(self, kind: int) -> int | None:
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle
