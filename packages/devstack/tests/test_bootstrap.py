"""scripts/bootstrap says what is missing, and never mistakes itself for a browser."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tasker_devstack.paths import ROOT

TOOLS = ("bash", "cat", "cut", "dirname", "mkdir", "printf", "sha256sum", "sh", "sleep")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with little on it; who asks is not root."""
    for name in TOOLS:
        if found := shutil.which(name):
            (tmp_path / name).symlink_to(found)
    program(tmp_path, "id", "echo 1000")
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    """A program on the PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def bootstrap(programs: Path, what: str) -> tuple[int, str]:
    """(exit status, its output)."""
    command = [str(programs / "bash"), str(ROOT / "scripts" / "bootstrap"), what]
    done = subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("chromium", "tasker: Chromium is missing: install the package `chromium`, or set CHROMIUM to its path\n"),
        ("python", "tasker: Python is missing: install Python 3.11 or newer\n"),
        ("web", "tasker: Node.js is missing: install Node 20 or newer\n"),
    ],
)
def test_what_is_missing_is_named_in_one_line(programs: Path, what: str, message: str) -> None:
    assert bootstrap(programs, what) == (1, message)


@pytest.mark.parametrize("name", ["chromium", "chromium-browser"])
def test_a_chromium_that_is_there_is_taken(programs: Path, name: str) -> None:
    program(programs, name, "")
    assert bootstrap(programs, "chromium") == (0, "")


@pytest.mark.parametrize(("status", "message"), [(0, "done in 0 s"), (1, "can't be installed")])
def test_root_gets_chromium_installed(programs: Path, status: int, message: str) -> None:
    program(programs, "id", "echo 0")
    program(programs, "apt-get", f"exit {status}")
    found, output = bootstrap(programs, "chromium")
    assert found == status
    assert message in output
