"""The wheels of core, client, runtime and cli build, install where nothing is, and work from there."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from tasker_devstack.isolated_system import System
from tasker_devstack.paths import ROOT
from tests.wheels.declared_packages import closure, link_into, required_by

PACKAGES = ("core", "client", "runtime", "cli")
OWN = [f"tasker-{name}" for name in PACKAGES]
SECONDS = 120


async def ran(*command: str, **environment: str) -> str:
    """What a command writes; nothing of this test's own environment is seen by it."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=PIPE,
        stderr=STDOUT,
        env={"PATH": os.environ["PATH"], "HOME": "/nowhere", "PIP_NO_INDEX": "1", "NO_COLOR": "1"} | environment,
    )
    async with asyncio.timeout(SECONDS):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture
async def environment(tmp_path: Path) -> Path:
    """An environment with our wheels, and of all else what they ask for, and no more."""
    wheels, place = tmp_path / "wheels", tmp_path / "environment"
    for name in PACKAGES:
        source = str(ROOT / "packages" / name)
        options = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(wheels))
        await ran(sys.executable, "-m", "pip", "wheel", *options, source)
    await ran(sys.executable, "-m", "venv", str(place))
    (site_packages,) = place.glob("lib/python*/site-packages")
    built = sorted(wheels.glob("*.whl"))
    link_into(site_packages, closure(required_by(built), OWN).values())
    python = str(place / "bin" / "python")
    await ran(python, "-m", "pip", "install", "--quiet", "--find-links", str(wheels), "tasker-cli")
    assert "No broken requirements" in await ran(python, "-m", "pip", "check")
    return place


async def test_the_command_works_from_its_wheels(environment: Path, system: System) -> None:
    tasker, url = str(environment / "bin" / "tasker"), system.api_url
    assert (await ran(tasker, "--version")).startswith("tasker 0.")
    await ran(tasker, "tasks", "create", "wheel", "--every", "1h", TASKER_URL=url)
    assert "wheel" in await ran(tasker, "tasks", "list", TASKER_URL=url)
    assert (await ran(tasker, "tasks", "delete", "wheel", TASKER_URL=url)) == "wheel: deleted\n"
    imports = "import tasker, tasker_cli.verify.command as v; tasker.Client, tasker.handler; print(v.__file__)"
    assert (await ran(str(environment / "bin" / "python"), "-c", imports)).startswith(str(environment))
