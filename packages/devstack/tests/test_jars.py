"""Kafka's jars: what is missing is told, and what was broken off is done again."""

import shutil
from pathlib import Path

import pytest

from tasker_devstack import layout
from tasker_devstack.kafka import fetch_jars
from tasker_devstack.trouble import Trouble


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, with a Java; the jars are not there yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    java = shutil.which("java")
    assert java
    (folder / "java").symlink_to(java)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(layout, "JARS", tmp_path / "jars")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """A program on the PATH."""
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_without_maven_it_is_told_unless_the_jars_are_there(programs: Path) -> None:
    with pytest.raises(Trouble, match="Maven is missing: install it"):
        await fetch_jars()
    program(programs, "mvn", f"/bin/mkdir -p {layout.JARS}")
    assert await fetch_jars()
    (programs / "mvn").unlink()
    assert not await fetch_jars()


async def test_an_old_java_is_told_with_its_version(programs: Path) -> None:
    program(programs, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    with pytest.raises(Trouble, match=r"Java 17 or newer is needed, this is openjdk version .11"):
        await fetch_jars()


async def test_what_maven_says_first_is_told(programs: Path) -> None:
    told = "echo '[WARNING] old'; echo '[ERROR] no route to host'; echo '[ERROR] more'"
    program(programs, "mvn", f"{told}; /bin/mkdir -p {layout.JARS}; exit 1")
    for _ in range(2):
        with pytest.raises(Trouble, match="no route to host") as trouble:
            await fetch_jars()
        assert "\n" not in str(trouble.value)
