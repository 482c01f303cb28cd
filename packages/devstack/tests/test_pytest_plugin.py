"""What killed test runs left is removed; what living ones use is not."""

import os
import subprocess
from pathlib import Path

from tasker_devstack.pytest_plugin import remove_leftovers


def test_only_folders_of_ended_runs_go(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = tmp_path / f"test-{ended.pid}" / "kafka"
    left.mkdir(parents=True)
    kept = [tmp_path / f"test-{os.getpid()}", tmp_path / "test-notes", tmp_path / "data"]
    for folder in kept:
        folder.mkdir()
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)
