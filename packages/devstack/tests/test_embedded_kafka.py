"""Kafka's jars: what is missing is named, and what was interrupted is repeated."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tasker_devstack.backends.embedded_kafka import fetch_jars
from tasker_devstack.errors import DevstackError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, with a Java."""
    folder = tmp_path / "bin"
    folder.mkdir()
    java = shutil.which("java")
    assert java
    (folder / "java").symlink_to(java)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    """Where the jars are not yet."""
    return tmp_path / "jars"


def program(folder: Path, name: str, script: str) -> None:
    """A program on the PATH."""
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_without_maven_it_fails_unless_the_jars_are_there(programs: Path, jars: Path) -> None:
    with pytest.raises(DevstackError, match="Maven is missing: install it"):
        await fetch_jars(jars)
    program(programs, "mvn", f"/bin/mkdir -p {jars}")
    assert await fetch_jars(jars)
    (programs / "mvn").unlink()
    assert not await fetch_jars(jars)


async def test_an_old_java_is_refused_with_its_version(programs: Path, jars: Path) -> None:
    program(programs, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    with pytest.raises(DevstackError, match=r"Java 17 or newer is needed, this is openjdk version .11"):
        await fetch_jars(jars)


async def test_processes_that_need_the_jars_at_once_run_maven_once(programs: Path, jars: Path) -> None:
    alone = (
        f"/bin/mkdir {jars.parent}/busy || exit 1; /bin/mkdir -p {jars}; /bin/sleep 0.3; /bin/rmdir {jars.parent}/busy"
    )
    program(programs, "mvn", alone)
    answers = await asyncio.gather(*(fetch_jars(jars) for _ in range(4)))
    assert sorted(answers) == [False, False, False, True]


async def test_the_first_error_of_maven_is_the_reason(programs: Path, jars: Path) -> None:
    output = "echo '[WARNING] old'; echo '[ERROR]'; echo '[ERROR] no route to host'; echo '[ERROR] more'"
    program(programs, "mvn", f"{output}; /bin/mkdir -p {jars}; exit 1")
    for _ in range(2):
        with pytest.raises(DevstackError, match="no route to host") as error:
            await fetch_jars(jars)
        assert "\n" not in str(error.value)
