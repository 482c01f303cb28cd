"""Puts private files in their places as a whole: who reads one meanwhile sees it before or after."""

import grp
import os
import pwd
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class AccessLost(PermissionError):
    """Who may read the file now could not do so any more. The message says who can replace it."""


def write_private(file: Path, content: bytes) -> None:
    """Write a file for its user alone; its owner stays where that is possible. Raises OSError."""
    _put(file, content, _keep_owner)


def replace_private(file: Path, content: bytes) -> None:
    """Write a file that is for its user alone if it is new, else for those for whom it was before, but for others.

    Raises OSError; AccessLost where its group (or its owner) may read it and this user can't leave it to them: then
    nothing is changed.
    """
    _put(file, content, _keep_access)


def _put(file: Path, content: bytes, prepare: Callable[[int, os.stat_result], None]) -> None:
    target = Path(os.path.realpath(file))  # what a link leads to is replaced, not the link
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            with suppress(FileNotFoundError):
                prepare(opened.fileno(), target.stat())
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _keep_owner(descriptor: int, before: os.stat_result) -> None:
    with suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, before.st_gid)


def _keep_access(descriptor: int, before: os.stat_result) -> None:
    mode = stat.S_IMODE(before.st_mode) & 0o770
    if not _own(descriptor, -1, before.st_gid):
        if mode & stat.S_IRGRP:
            raise _lost(before, f"only root and members of the group {_group(before.st_gid)} can replace it")
        mode &= 0o700  # what the group might do is not for another one
    if not _own(descriptor, before.st_uid, -1) and not mode & stat.S_IRGRP:
        raise _lost(before, "only root can replace it")
    os.fchmod(descriptor, mode)


def _own(descriptor: int, user: int, group: int) -> bool:
    try:
        os.fchown(descriptor, user, group)
    except PermissionError:
        return False
    return True


def _lost(before: os.stat_result, who: str) -> AccessLost:
    owner = f"{_user(before.st_uid)}:{_group(before.st_gid)}, mode {stat.S_IMODE(before.st_mode):04o}"
    return AccessLost(f"{who} so that it stays readable for its readers ({owner}); nothing was changed")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
