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
    seconds: float = 300,
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
    try:
        async with asyncio.timeout(seconds):
            said = await _listen(walker, deeds or {})
            status = await walker.wait()
    finally:
        if walker.returncode is None:
            walker.kill()
            await walker.wait()
    assert status == 0, said
    return said


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _listen(walker: Process, deeds: Mapping[str, Deed]) -> str:
    assert walker.stdin
    assert walker.stdout
    said = list[str]()
    async for raw in walker.stdout:
        line = raw.decode(errors="replace")
        said.append(line)
        if line.startswith("? "):
            await deeds[line.removeprefix("? ").strip()]()
            walker.stdin.write(b"done\n")
            await walker.stdin.drain()
    return "".join(said)
