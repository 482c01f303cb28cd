"""Makes, lists and revokes API keys in their file; `tasker keys` of the command line, as functions.

The file is replaced as a whole, so that who reads it meanwhile sees it before or after, and one that is interrupted
changes nothing. An API reads it again by itself. Those who could read it by its owner and group can so afterwards.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from tasker_core.access.api_key import (
    ALPHABET,
    ID_CHARACTERS,
    SECRET_CHARACTERS,
    ApiKey,
    id_in,
    key_digest,
    key_text,
)
from tasker_core.access.key_tags import KeyTags
from tasker_core.access.keys_file import MAX_KEYS, KeysFile, read_keys
from tasker_core.access.roles import Role
from tasker_core.errors import FieldError, InvalidInput, TaskerError, field_errors
from tasker_runtime.access.private_file import replace_private

LOCK_SECONDS = 10.0
LOCK_POLL_SECONDS = 0.02

T = TypeVar("T")


class KeysFileProblem(TaskerError):
    """The file can't be used, or does not hold what is asked for; the message says the way out."""


class UnknownKey(KeysFileProblem):
    """The file holds no such key."""


class IssuedKey(NamedTuple):
    """A new key. `text` is to be shown once to its holder: it is kept nowhere."""

    text: str
    kept: ApiKey


def create_key(
    file: Path,
    name: str,
    role: Role,
    now: datetime,
    *,
    tags: Sequence[str] = (),
    requests_per_second: float | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key, and the file where it is missing.

    Raises InvalidInput for a wrong name or so, KeysFileProblem for one of a key with another role or other tags.
    """
    with _locked(file):
        keys = _read(file) if file.exists() else ()
        key_id = next(one for one in iter(lambda: _random(ID_CHARACTERS), "") if all(key.id != one for key in keys))
        text = key_text(key_id, _random(SECRET_CHARACTERS))
        fields = {"tags": tags, "requests_per_second": requests_per_second, "expires_at": expires_at}
        try:
            kept = ApiKey.model_validate(
                {"id": key_id, "name": name, "role": role, "sha256": key_digest(text), "created_at": now, **fields}
            )
        except ValidationError as error:
            raise InvalidInput(field_errors(error.errors(include_url=False))) from None
        _check_name(kept, keys)
        if len(keys) >= MAX_KEYS:
            raise KeysFileProblem(f"{file} holds {len(keys)} keys, and more are not taken: revoke some")
        _write(file, KeysFile(keys=(*keys, kept)).encoded())
    return IssuedKey(text, kept)


def list_keys(file: Path) -> Sequence[ApiKey]:
    """The keys of a file, in the order in which they were made. Raises KeysFileProblem."""
    return _read(file)


def revoke_key(file: Path, key: str) -> ApiKey:
    """Remove a key, known by its id, or by itself where it has been found somewhere.

    Raises UnknownKey, or KeysFileProblem.
    """
    key_id = id_in(key) or key
    with _locked(file):
        keys = _read(file)
        found = next((one for one in keys if one.id == key_id), None)
        if found is None:
            raise UnknownKey(f"{file} holds no key with the id {key_id[:20]!r}: `tasker keys list` shows the ids")
        _write(file, KeysFile(keys=tuple(one for one in keys if one is not found)).encoded())
    return found


def _check_name(key: ApiKey, others: Sequence[ApiKey]) -> None:
    """What a key has done is found again by its name, behind which `: ` the person stands for whom it did that."""
    if ": " in key.name:
        message = "must not hold ': ', behind which histories name the person for whom a key acts"
        raise InvalidInput([FieldError(pointer="/name", message=message)])
    for other in others:
        if other.name == key.name and (other.role, set(other.tags)) != (key.role, set(key.tags)):
            tasks = f"tasks tagged {KeyTags(frozenset(other.tags)).wording()}" if other.tags else "all tasks"
            raise KeysFileProblem(
                f"the key {other.id} has the name {key.name!r}, too, and is another one ({other.role}, {tasks}): "
                "choose another name, or revoke that key first. A name is used again only with the same role and "
                "tags, for a key that replaces another"
            )


@contextmanager
def _locked(file: Path) -> Generator[None]:
    """One at a time: the folder is locked, as the file is replaced."""
    descriptor = _usable(file, lambda: os.open(Path(os.path.realpath(file)).parent, os.O_RDONLY))
    try:
        _lock(descriptor, file)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, file: Path) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise KeysFileProblem(
                    f"{file} is held by another process for {LOCK_SECONDS:g} s: end that one, or try again"
                ) from None
            time.sleep(LOCK_POLL_SECONDS)  # noqa: TID251 - a condition with a deadline; flock itself has none


def _read(file: Path) -> tuple[ApiKey, ...]:
    try:
        return read_keys(_usable(file, file.read_bytes)).keys
    except InvalidInput as error:
        raise KeysFileProblem(f"{file} can't be used: {error}. Mend it, or name another file") from None


def _write(file: Path, content: bytes) -> None:
    _usable(file, lambda: replace_private(file, content))


def _usable(file: Path, use: Callable[[], T]) -> T:
    try:
        return use()
    except OSError as error:
        raise KeysFileProblem(f"{file} can't be used: {error.strerror or error}") from None


def _random(characters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))
