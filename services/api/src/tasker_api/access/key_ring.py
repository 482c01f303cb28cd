"""The keys as they are now: read again whenever their file changes, so that no restart is needed."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tasker_api.access.caller import Caller, caller_by
from tasker_core.access.api_key import ApiKey, id_in, is_key
from tasker_core.access.keys_file import MAX_FILE_BYTES, KeysFile, read_keys
from tasker_core.errors import InvalidInput
from tasker_core.time.instant import from_ms, to_ms
from tasker_runtime.clock import Clock
from tasker_runtime.health import Health
from tasker_runtime.lifecycle import UnusableSetting
from tasker_runtime.logs import Log

CHECK: Final = "keys"
LOOK_SECONDS: Final = 1.0
LOOP_MS: Final = 60_000
_Signature = tuple[int, int, int]
"""The file that a path leads to, its size, and when it was written: another one when Kubernetes moves its link."""


class KeysUnreadable(UnusableSetting):
    """The file of the API keys can't be read; the message says why, and how to make one."""


class KeyRing:
    """The keys of a file. One that can't be read leaves those before it in force, and turns health red."""

    def __init__(self, file: Path, clock: Clock, health: Health, log: Log) -> None:
        self._file, self._clock, self._health, self._log = file, clock, health, log
        self._keys: Mapping[str, ApiKey] = {}
        self._signature: _Signature | None = None
        self._changed = asyncio.Event()
        self.trouble: str | None = None
        """Why the file can't be read, while that is so."""
        health.expect(CHECK, every_ms=LOOP_MS, gates=False)

    def load(self) -> None:
        """Read the file for the first time. Raises KeysUnreadable."""
        signature = _signature(self._file)
        self._take(_read(self._file), signature)

    async def run(self) -> None:
        """Look for changes of the file until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take over what the file says if it has changed, or could not be read."""
        try:
            signature = _signature(self._file)
            if signature != self._signature:
                self._take(await asyncio.to_thread(_read, self._file), signature)
        except KeysUnreadable as error:
            self._signature = None
            if self.trouble != str(error):
                self._log.error("keys not read", reason=str(error), keys=len(self._keys))
            self.trouble = str(error)
        if self.trouble is None:
            self._health.ok(CHECK)
        else:
            self._health.fail(CHECK, f"{self.trouble}. The {len(self._keys)} keys before it stay in force.")

    def _take(self, found: KeysFile, signature: _Signature) -> None:
        self._keys = {key.id: key for key in found.keys}
        self._signature, self.trouble = signature, None
        self._health.ok(CHECK)
        self._log.info("keys read", keys=len(self._keys), file=str(self._file))
        self._changed.set()
        self._changed = asyncio.Event()

    def listed(self) -> list[ApiKey]:
        """What is kept of each key, by name."""
        return sorted(self._keys.values(), key=lambda key: (key.name.casefold(), key.id))

    def find(self, text: str) -> ApiKey | None:
        """What is kept of a key that stands, or has expired; None for a text that is no key of these."""
        kept = self._keys.get(id_in(text) or "")
        return kept if is_key(text, kept) else None

    def is_expired(self, key: ApiKey) -> bool:
        """Whether a key's time is over."""
        return key.is_expired(from_ms(self._clock.now_ms()))

    async def gone(self, caller: Caller) -> None:
        """Wait until a caller's key is revoked, has expired, or gives it another role or other tags."""
        while (key := self._keys.get(caller.key_id or "")) is not None:
            if self.is_expired(key) or caller_by(key) != caller:
                return
            left = None if key.expires_at is None else (to_ms(key.expires_at) - self._clock.now_ms()) / 1000
            changed = asyncio.create_task(self._changed.wait())
            try:
                await asyncio.wait({changed}, timeout=None if left is None else min(left, 3600.0))
            finally:
                changed.cancel()


def _signature(file: Path) -> _Signature:
    try:
        found = file.stat()
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read(file: Path) -> KeysFile:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from None
    if len(content) > MAX_FILE_BYTES:
        raise _unreadable(file, f"it has more than {MAX_FILE_BYTES} bytes")
    try:
        return read_keys(content)
    except InvalidInput as error:
        raise _unreadable(file, str(error)) from None


def _unreadable(file: Path, reason: str) -> KeysUnreadable:
    return KeysUnreadable(
        f"the API keys in {file} (TASKER_API_KEYS_FILE) can't be read: {reason}. `tasker keys create` makes such a file"
    )
