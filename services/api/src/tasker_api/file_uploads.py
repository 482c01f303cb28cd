"""Files that requests bring: each is kept in /tmp as long as it is read, and only so many at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from fastapi import Request

from tasker_api.problems import Problem
from tasker_core.task_files.entries import MAX_FILE_BYTES

FILE_SECONDS: Final = 300.0
"""A file has to be there within this time, however slowly it comes."""
MAX_AT_ONCE: Final = 3
"""Of 64 MiB each they fit into /tmp, which has 256 MiB in the chart, and in compose a part of the 512 MiB of memory."""
IN_MEMORY: Final = 4 * 1024 * 1024
"""A larger file lies on disk."""


class FileUploads:
    """The files that this process receives and reads. `free`: so many more it takes."""

    def __init__(self) -> None:
        self.free = MAX_AT_ONCE

    @asynccontextmanager
    async def receive(self, request: Request) -> AsyncGenerator[IO[bytes]]:
        """The body as a file.

        Raises Problem: 503 at once when there are enough; 413 as soon as it is too large, 408 if it comes too slowly.
        """
        if self.free == 0:
            raise Problem(503, f"{MAX_AT_ONCE} files are being read here, and more are not taken: send it again later")
        file, self.free = _spooled_file(), self.free - 1
        try:
            await _fill(file, request)
            yield file
        finally:
            self.free += 1
            with suppress(OSError):
                file.close()


def _spooled_file() -> IO[bytes]:
    return SpooledTemporaryFile(max_size=IN_MEMORY)


async def _fill(file: IO[bytes], request: Request) -> None:
    size = 0
    try:
        async with asyncio.timeout(FILE_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_FILE_BYTES:
                    raise Problem(413, f"the file is over {MAX_FILE_BYTES} bytes: import it in parts")
                file.write(chunk)
    except TimeoutError:
        raise Problem(408, f"the file was not there within {FILE_SECONDS:g} seconds: send it again") from None
