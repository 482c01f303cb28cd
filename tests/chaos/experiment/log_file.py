"""What a process writes, kept in a file through all of its starts."""

from pathlib import Path
from typing import Self, TextIO


class LogFile:
    """A file of lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", buffering=1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, line: str) -> None:
        """Add a line; what comes after the end is dropped."""
        if self._file is not None:
            self._file.write(f"{line}\n")
