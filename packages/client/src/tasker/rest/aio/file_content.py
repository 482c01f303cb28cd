"""A file as the body of a request: read piece by piece, and anew for each try."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

PIECE_BYTES: Final = 64 * 1024
"""Read within some microseconds: nothing else waits for it."""


class AsyncFileContent:
    """The bytes of a file, however large it is. Iterating raises OSError when it can't be read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """From its beginning."""
        with self._file.open("rb") as opened:
            while piece := opened.read(PIECE_BYTES):
                yield piece


def file_content(content: bytes | Path) -> bytes | AsyncFileContent:
    """What is sent of a file that is named, or that is held already."""
    return content if isinstance(content, bytes) else AsyncFileContent(content)
