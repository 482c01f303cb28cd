"""One run per checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasker_devstack.errors import DevstackError
from tasker_devstack.supervision.run_lock import RunLock

HOLDER = """
import signal, sys
from pathlib import Path
from tasker_devstack.supervision.run_lock import RunLock
RunLock(Path(sys.argv[1])).take()
print("held", flush=True)
signal.pause()
"""


def test_a_second_one_is_told_who_holds_it(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert RunLock(tmp_path).held()
        with pytest.raises(DevstackError, match=f"runs here already .pid {process.pid}.*make run-stop"):
            RunLock(tmp_path).take()
        process.kill()
    assert not RunLock(tmp_path).held()
    RunLock(tmp_path).take()


def test_asking_changes_nothing(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        asked = RunLock(tmp_path)
        assert asked.held()
        assert asked.read() == {"pid": process.pid, "ready": False}
        process.kill()
    assert not asked.held()
    assert asked.read()["pid"] == process.pid, "the note of the last run stays until the next"


def test_it_can_be_given_back(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.take()
    assert second.held()
    first.release()
    second.take()
    assert first.held()


def holder(folder: Path) -> "subprocess.Popen[bytes]":
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process
