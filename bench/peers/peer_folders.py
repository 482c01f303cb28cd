"""Where the programs of peers are installed, installing them, and where their data is."""

import asyncio
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from pathlib import Path
from typing import Final
from uuid import uuid4

from bench.peers.peer import PeerFailed
from tasker_devstack.paths import ROOT

INSTALLED: Final = ROOT / ".tasker" / "peers"
SOURCES: Final = Path(__file__).resolve().parent
TAIL: Final = 600


def data_folder(peer: str) -> Path:
    """A folder that is not there yet, for the data of one start."""
    return Path(tempfile.gettempdir()) / f"tasker-{peer}-{uuid4().hex[:8]}"


async def install_npm(peer: str) -> Path:
    """What package.json and package-lock.json of a peer name, and its modules beside them. Raises PeerFailed."""
    if shutil.which("npm") is None:
        raise PeerFailed("npm is missing: install Node 20")
    folder = await asyncio.to_thread(_copied, peer, ("*.json", ".npmrc", "*.mjs"))
    await run("npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error", folder=folder)
    return folder


async def install_python(peer: str) -> Path:
    """A virtual environment with what requirements.txt of a peer names; returns its interpreter. Raises PeerFailed."""
    folder = await asyncio.to_thread(_copied, peer, ("requirements.txt",))
    python = folder / "venv" / "bin" / "python"
    if not await asyncio.to_thread(python.exists):
        await run(sys.executable, "-m", "venv", "venv", folder=folder)
    await run(str(python), "-m", "pip", "install", "-q", "-r", "requirements.txt", folder=folder)
    return python


async def run(*command: str, folder: Path) -> str:
    """The output of a program. Raises PeerFailed when it fails."""
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT)
    try:
        output, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    text = output.decode(errors="replace")
    if process.returncode:
        raise PeerFailed(f"{' '.join(command[:4])} fails: {text.strip()[-TAIL:]}")
    return text


def _copied(peer: str, patterns: tuple[str, ...]) -> Path:
    folder = INSTALLED / peer
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in patterns:
        for file in (SOURCES / peer).glob(pattern):
            shutil.copy(file, folder / file.name)
    return folder
