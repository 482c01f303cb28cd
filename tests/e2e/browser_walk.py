"""Walks through the web UI in a real Chromium; their screenshots are kept in `test-artifacts/browser`."""

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT

ARTEFACTS = ROOT / "test-artifacts" / "browser"
Deed = Callable[[], Awaitable[None]]
SILENCE_SECONDS = 180.0
"""Longer than any step. How long a walk takes as a whole is the machine's affair."""


def chromium() -> str:
    """The browser's path (`CHROMIUM`, else on the PATH)."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is missing: `scripts/bootstrap chromium` installs it, or set CHROMIUM to its path"
    return found


async def walk(
    system: System,
    script: str,
    env: Mapping[str, str] | None = None,
    deeds: Mapping[str, Deed] | None = None,
    folder: Path = ARTEFACTS,
) -> str:
    """Let a script beside this file walk through the UI of a system; returns what it said.

    `deeds`: what the script may ask to have done to the system, by the name it asks for it.
    """
    walker = await asyncio.create_subprocess_exec(
        "node", Path(__file__).with_name(script), system.api_url.replace("127.0.0.1", "localhost"), _made(folder),
        env=os.environ | dict(env or {}) | {"CHROMIUM": chromium()}, stdin=PIPE, stdout=PIPE, stderr=STDOUT,
        limit=1 << 24,
    )  # fmt: skip
    said = list[str]()
    try:
        async with asyncio.timeout(SILENCE_SECONDS) as patience:
            await _listen(walker, deeds or {}, said, lambda: patience.reschedule(_now() + SILENCE_SECONDS))
            status = await walker.wait()
    except TimeoutError:
        raise AssertionError(f"nothing more for {SILENCE_SECONDS:g} s:\n{''.join(said)}") from None
    finally:
        if walker.returncode is None:
            walker.kill()
            await walker.wait()
    assert status == 0, "".join(said)
    return "".join(said)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _listen(
    walker: Process, deeds: Mapping[str, Deed], said: list[str], said_something: Callable[[], None]
) -> None:
    assert walker.stdin
    assert walker.stdout
    async for raw in walker.stdout:
        line = raw.decode(errors="replace")
        said.append(line)
        said_something()
        if line.startswith("? "):
            await deeds[line.removeprefix("? ").strip()]()
            walker.stdin.write(b"done\n")
            await walker.stdin.drain()
