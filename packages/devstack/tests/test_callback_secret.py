"""The secret of `make run`: one for a folder, kept through restarts, and its owner's alone."""

import stat
from pathlib import Path

import pytest

from tasker_devstack.errors import DevstackError
from tasker_devstack.supervision.callback_secret import callback_secret


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    made = callback_secret(tmp_path / "data")
    assert (len(made), callback_secret(tmp_path / "data")) == (64, made)
    assert stat.S_IMODE((tmp_path / "data" / "callback-secret").stat().st_mode) == 0o600
    assert callback_secret(tmp_path / "other") != made


def test_one_that_was_not_written_whole_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "callback-secret").write_text("")
    assert len(callback_secret(tmp_path)) == 64


def test_a_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DevstackError, match="TASKER_DATA_DIR"):
        callback_secret(tmp_path / "file")
