"""Secrets by reference: a file of the operator's directory, or a variable of the environment.

They are read anew for each call, so that a secret that is exchanged holds from the next call on. Files are read in
threads of their own: where the directory can't be read, that holds up those who need it and nobody else.
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
from tasker_executor.failure import Failed
from tasker_executor.http.secrets.redaction import Redaction

MAX_SECRET_BYTES = 16 * 1024
VARIABLE_PREFIX = "TASKER_SECRET_"
READ_AT_ONCE = 8
T = TypeVar("T")


class Secrets:
    """Where the secrets are: `folder` has a file for each, of the same name; else the environment is asked."""

    def __init__(self, folder: Path | None, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._threads = ThreadPoolExecutor(READ_AT_ONCE, "secrets")

    async def made(self, make: Callable[[], T], payload: Raw) -> T:
        """What `make` makes of a payload. It may ask for secrets, so it runs where that may take its time."""
        if self._folder is None or b"secret:" not in bytes(payload):
            return make()
        return await asyncio.get_running_loop().run_in_executor(self._threads, make)

    def value(self, name: str) -> str:
        """What a name stands for, without the line's end. Raises Failed, which names the reference alone."""
        found = self._in_folder(name)
        if found is None:
            found = self._environment.get(variable(name))
        if found is None:
            message = (
                f"there is no secret secret://{name} here; the operator provides it as a file or as {variable(name)}"
            )
            raise Failed("unknown_secret", message, final=True)
        if not found:
            raise unusable(name, "is empty")
        return found

    def _in_folder(self, name: str) -> str | None:
        if self._folder is None:
            return None
        try:
            # Not to wait for what is no plain file: a pipe, say.
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unusable(name, f"can't be read: {error.strerror}") from None
        try:
            plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = os.read(descriptor, MAX_SECRET_BYTES + 1) if plain else b""
        finally:
            os.close(descriptor)
        if not plain or len(content) > MAX_SECRET_BYTES:
            raise unusable(name, f"is no file of at most {MAX_SECRET_BYTES // 1024} KiB")
        try:
            return re.sub(r"\r?\n\Z", "", content.decode())
        except UnicodeDecodeError:
            raise unusable(name, "is no text in UTF-8") from None


class Opened:
    """The secrets that one attempt uses; `redaction` knows all of them that were told so far."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self.redaction = Redaction()

    def value(self, name: str) -> str:
        """What a name stands for. Raises Failed."""
        found = self._secrets.value(name)
        self.redaction.add(found)
        return found

    def text(self, template: str) -> str:
        """A text with each reference resolved. Raises Failed."""
        return REFERENCE.sub(lambda match: self.value(match[1]), template)

    def hide(self, *values: str) -> None:
        """Keep out of the records what is secret though it is no reference, if it is long enough to be told apart."""
        for value in values:
            if len(value) >= Redaction.TELLING:
                self.redaction.add(value)


def unusable(name: str, why: str) -> Failed:
    """The failure of a secret that can't be used."""
    return Failed("unusable_secret", f"the secret secret://{name} {why}; the operator has to mend it", final=True)


def variable(name: str) -> str:
    """The variable of the environment that may hold a secret: `db.password-1` is in TASKER_SECRET_DB_PASSWORD_1."""
    return VARIABLE_PREFIX + re.sub(r"[^A-Z0-9_]", "_", name.upper())
