"""Whether a folder is current: it holds a hash of the files that it was made from."""

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


def is_current(folder: Path, inputs: Iterable[Path]) -> bool:
    """Whether `folder` was made from these files as they are now."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == digest(inputs)


def write_stamp(folder: Path, inputs: Iterable[Path]) -> None:
    """Note that `folder` was made from these files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).write_text(digest(inputs))
