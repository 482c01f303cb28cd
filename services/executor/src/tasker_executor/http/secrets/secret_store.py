"""Secrets by reference: a file of the operator's directory, or a variable of the environment.

They are read anew for each call, so that a replaced secret is used from the next call on. Files are read in threads of
their own: where the directory cannot be read, that delays only the runs that need it.
"""

import asyncio
import os
import re
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from msgspec import Raw

from tasker_core.handlers.parameters.secret_references import REFERENCE
from tasker_executor.attempt_failure import AttemptFailed
from tasker_executor.http.secrets.redaction import Redaction

MAX_SECRET_BYTES = 16 * 1024
VARIABLE_PREFIX = "TASKER_SECRET_"
READER_THREADS = 8
T = TypeVar("T")


class SecretStore:
    """Reads secrets. `folder` has a file for each, of the same name; without that the environment is searched."""

    def __init__(self, folder: Path | None, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._threads = ThreadPoolExecutor(READER_THREADS, "secrets")

    async def build(self, build: Callable[[], T], payload: Raw, *, slow: bool = False) -> T:
        """What `build` makes of a payload. It may read files of secrets, or be `slow`: then it runs in a thread."""
        if not slow and (self._folder is None or b"secret:" not in bytes(payload)):
            return build()
        return await asyncio.get_running_loop().run_in_executor(self._threads, build)

    def value(self, name: str) -> str:
        """The secret of a name, without the line's end. Raises AttemptFailed, which names the reference alone."""
        value = self._from_folder(name)
        if value is None:
            value = self._environment.get(secret_variable(name))
        if value is None:
            variable = secret_variable(name)
            message = f"there is no secret secret://{name} here; the operator provides it as a file or as {variable}"
            raise AttemptFailed("unknown_secret", message, final=True)
        if not value:
            raise unusable_secret(name, "is empty")
        return value

    def _from_folder(self, name: str) -> str | None:
        if self._folder is None:
            return None
        try:
            # Not to wait for what is no plain file: a pipe, say.
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unusable_secret(name, f"can't be read: {error.strerror}") from None
        try:
            plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = os.read(descriptor, MAX_SECRET_BYTES + 1) if plain else b""
        finally:
            os.close(descriptor)
        if not plain or len(content) > MAX_SECRET_BYTES:
            raise unusable_secret(name, f"is no file of at most {MAX_SECRET_BYTES // 1024} KiB")
        try:
            return re.sub(r"\r?\n\Z", "", content.decode())
        except UnicodeDecodeError:
            raise unusable_secret(name, "is no text in UTF-8") from None


class AttemptSecrets:
    """The secrets that one attempt uses; `redaction` knows all that were read so far."""

    def __init__(self, store: SecretStore) -> None:
        self._store = store
        self.redaction = Redaction()

    def value(self, name: str) -> str:
        """The secret of a name. Raises AttemptFailed."""
        value = self._store.value(name)
        self.redaction.add(value)
        return value

    def unrecorded(self, name: str) -> str:
        """The secret of a name, which never leaves the executor, so no answer can repeat it. Raises AttemptFailed."""
        return self._store.value(name)

    def resolve(self, template: str) -> str:
        """A text with each reference resolved. Raises AttemptFailed."""
        return REFERENCE.sub(lambda match: self.value(match[1]), template)

    def hide(self, *values: str) -> None:
        """Keep out of the records what is secret though it is no reference, unless it is too short to recognize."""
        for value in values:
            if len(value) >= Redaction.MIN_UNDECLARED_LENGTH:
                self.redaction.add(value)


def unusable_secret(name: str, reason: str) -> AttemptFailed:
    """The failure of a secret that cannot be used."""
    message = f"the secret secret://{name} {reason}; the operator has to mend it"
    return AttemptFailed("unusable_secret", message, final=True)


def secret_variable(name: str) -> str:
    """The variable of the environment that may hold a secret: `db.password-1` is in TASKER_SECRET_DB_PASSWORD_1."""
    return VARIABLE_PREFIX + re.sub(r"[^A-Z0-9_]", "_", name.upper())
