"""What killed test runs left is removed; what living ones use is not."""

import os
import subprocess
from pathlib import Path

import pytest

from tasker_devstack import paths, pytest_plugin
from tasker_devstack.pytest_plugin import data_root, remove_leftovers


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


def test_data_goes_to_memory_only_where_there_is_plenty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytest_plugin, "MEMORY_BYTES", 1)
    own = data_root(tmp_path)
    assert (own.parent, own.stat().st_mode & 0o777, data_root(tmp_path)) == (tmp_path, 0o700, own)
    monkeypatch.setattr(pytest_plugin, "MEMORY_BYTES", 1 << 60)
    assert data_root(tmp_path) == data_root(tmp_path / "missing") == paths.ROOT / ".tasker"
