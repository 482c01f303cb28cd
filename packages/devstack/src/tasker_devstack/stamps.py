"""Whether something made is still current: a hash of what it was made from lies beside it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

STAMP = ".made-from"


def digest(inputs: Iterable[Path]) -> str:
    """One hash over the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(inputs):
        found.update(f"{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


def current(folder: Path, inputs: Iterable[Path]) -> bool:
    """Whether `folder` was made from these files as they are now."""
    mark = folder / STAMP
    return mark.exists() and mark.read_text() == digest(inputs)


def stamp(folder: Path, inputs: Iterable[Path]) -> None:
    """Note that `folder` was made from these files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).write_text(digest(inputs))
