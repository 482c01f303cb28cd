"""Maven, one at a time: two that share a local repository or a folder spoil each other's files."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tasker_devstack import paths
from tasker_devstack.build_stamps import is_current, write_stamp
from tasker_devstack.errors import DevstackError
from tasker_devstack.polling import LOOK_SECONDS
from tasker_devstack.processes.child_process import ChildProcess

MAVEN_SECONDS = 900
LOCK = paths.ROOT / ".tasker" / "maven.lock"
SHOWN = 1000
"""Characters of what Maven says is wrong."""


async def make_with_maven(folder: Path, pom: Path, goals: Sequence[str], *, sources: Sequence[Path] = ()) -> bool:
    """Let Maven fill a folder from a POM and sources, unless it is made of them as they are; returns whether it had to.

    Whatever is in a folder that is not current is removed first. Waits while another process does the same, for up to
    `MAVEN_SECONDS`, as for Maven itself. Raises DevstackError.
    """
    inputs = [pom, *sources]
    if is_current(folder, inputs):
        return False
    maven = shutil.which("mvn")
    if maven is None:
        raise DevstackError("Maven is missing: install it (package `maven`)")
    async with alone():
        if is_current(folder, inputs):  # another process has made it meanwhile
            return False
        shutil.rmtree(folder, ignore_errors=True)
        await _run(ChildProcess("maven", [maven, "-q", "-B", "-f", str(pom), *goals]), pom)
        write_stamp(folder, inputs)
    return True


@asynccontextmanager
async def alone() -> AsyncGenerator[None]:
    """While others wait: who fills a folder that processes share. Raises DevstackError after MAVEN_SECONDS."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        await _until_locked(handle)
        yield
    finally:
        os.close(handle)


async def _until_locked(handle: int) -> None:
    try:
        async with asyncio.timeout(MAVEN_SECONDS):
            while not _locked(handle):
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise DevstackError(f"another process has kept Maven busy for {MAVEN_SECONDS} s ({LOCK}): end it") from None


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _run(maven: ChildProcess, pom: Path) -> None:
    try:
        await maven.start()
        async with asyncio.timeout(MAVEN_SECONDS):
            status = await maven.wait()
    except TimeoutError:
        raise DevstackError(f"Maven did not end within {MAVEN_SECONDS} s: is the network there?") from None
    finally:
        await maven.kill()
    if status:
        errors = [line.removeprefix("[ERROR]").strip() for line in maven.tail if line.startswith("[ERROR]")]
        reason = " ".join(filter(None, errors)) or f"it gave no reason (exit status {status})"
        raise DevstackError(f"Maven can't make what {pom} says (is the network there?): {reason[:SHOWN]}")
