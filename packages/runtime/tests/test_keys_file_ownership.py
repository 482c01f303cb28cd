"""Whoever may read a file of keys may read it after a change, too: an API that can't would go by the keys before."""

import multiprocessing
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasker_runtime.access.first_key import make_first_key
from tasker_runtime.access.key_administration import KeysFileProblem, create_key, list_keys, revoke_key

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
GROUP, NOBODY = 54_321, 65_534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder into which everybody may write, as far as each component of its path goes."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        yield Path(made)


def access_of(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)


@pytest.mark.parametrize(("before", "after"), [(0o600, 0o600), (0o640, 0o640), (0o660, 0o660), (0o644, 0o640)])
def test_the_mode_stays_but_for_others(tmp_path: Path, before: int, after: int) -> None:
    file = tmp_path / "keys.json"
    issued = create_key(file, "a", "viewer", NOON)
    file.chmod(before)
    revoke_key(file, issued.kept.id)
    assert access_of(file)[2] == after


@needs_root
def test_owner_and_group_stay(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    issued = create_key(file, "a", "viewer", NOON)
    os.chown(file, NOBODY, GROUP)
    file.chmod(0o640)
    revoke_key(file, issued.kept.id)
    assert access_of(file) == (NOBODY, GROUP, 0o640)


def test_a_key_itself_is_for_its_user_alone_whatever_was_there(tmp_path: Path) -> None:
    key = tmp_path / "first-admin-key"
    key.touch(0o644)
    make_first_key(tmp_path / "keys.json", key)
    assert access_of(key)[2] == 0o600


def _as_nobody(use: Callable[[Path, str], str], file: Path, key_id: str, said: str) -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    Path(said).write_text(use(file, key_id), encoding="utf-8")


def _revoke(file: Path, key_id: str) -> str:
    try:
        revoke_key(file, key_id)
    except KeysFileProblem as problem:
        return str(problem)
    return "revoked"


def revoked_by_nobody(file: Path, key_id: str) -> str:
    """What a revocation says to a user who is in no group."""
    said = file.with_name("said")
    process = multiprocessing.get_context("spawn").Process(target=_as_nobody, args=(_revoke, file, key_id, str(said)))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    return said.read_text(encoding="utf-8")


@needs_root
@pytest.mark.parametrize("owner", [0, NOBODY])
def test_who_can_not_leave_it_to_its_group_changes_nothing(folder: Path, owner: int) -> None:
    file = folder / "keys.json"
    issued = create_key(file, "a", "viewer", NOON)
    os.chown(file, owner, GROUP)
    file.chmod(0o644)
    before = file.read_bytes(), file.stat().st_ino, access_of(file)
    said = revoked_by_nobody(file, issued.kept.id)
    assert f"only root and members of the group {GROUP} can replace it" in said
    assert "nothing was changed" in said
    assert (file.read_bytes(), file.stat().st_ino, access_of(file)) == before
    assert sorted(one.name for one in folder.iterdir()) == ["keys.json", "said"]


@needs_root
def test_who_can_not_leave_it_to_its_owner_changes_nothing(folder: Path) -> None:
    file = folder / "keys.json"
    issued = create_key(file, "a", "viewer", NOON)
    file.chmod(0o604)
    said = revoked_by_nobody(file, issued.kept.id)
    assert "only root can replace it" in said
    assert list_keys(file) == (issued.kept,)


@needs_root
def test_a_group_that_may_not_read_need_not_stay(folder: Path) -> None:
    file = folder / "keys.json"
    issued = create_key(file, "a", "viewer", NOON)
    os.chown(file, NOBODY, GROUP)
    assert revoked_by_nobody(file, issued.kept.id) == "revoked"
    assert access_of(file) == (NOBODY, NOBODY, 0o600)
