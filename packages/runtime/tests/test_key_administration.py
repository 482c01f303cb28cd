"""API keys are made, listed and revoked in a file that is whole at every moment."""

import fcntl
import json
import multiprocessing
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasker_core.access.api_key import is_key
from tasker_core.errors import InvalidInput
from tasker_runtime.access import first_key, key_administration
from tasker_runtime.access.key_administration import KeysFileProblem, UnknownKey, create_key, list_keys, revoke_key

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_a_key_is_shown_once_and_kept_as_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    issued = create_key(file, "deployer", "operator", NOON, tags=("finance",), requests_per_second=20)
    secret = issued.text.rpartition("_")[2]
    assert len(secret) == 32
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (kept,) = list_keys(file)
    assert kept == issued.kept
    assert is_key(issued.text, kept)
    assert not is_key(issued.text[:-1] + ("a" if issued.text[-1] != "a" else "b"), kept)
    assert json.loads(file.read_text())["keys"][0].keys() == {
        *("id", "name", "role", "sha256", "tags", "requests_per_second", "created_at")
    }


def test_a_revoked_key_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    first, second, third = (create_key(file, name, "viewer", NOON) for name in ("a", "b", "c"))
    assert revoke_key(file, second.kept.id) == second.kept
    assert list_keys(file) == (first.kept, third.kept)
    revoke_key(file, third.text)
    assert list_keys(file) == (first.kept,)
    with pytest.raises(UnknownKey, match="no key with the id"):
        revoke_key(file, third.text)
    assert third.text.rpartition("_")[2] not in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_what_is_wrong_names_its_field(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        create_key(tmp_path / "keys.json", "x" * 65, "viewer", NOON, tags=("\n",), requests_per_second=-1)
    assert [error.pointer for error in raised.value.errors] == ["/name", "/tags/0", "/requests_per_second"]
    assert not list(tmp_path.iterdir())


def test_a_broken_file_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"keys": [')
    for use in (lambda: create_key(file, "a", "viewer", NOON), lambda: revoke_key(file, "x"), lambda: list_keys(file)):
        with pytest.raises(KeysFileProblem, match="not JSON"):
            use()
    assert file.read_text() == '{"keys": ['
    with pytest.raises(KeysFileProblem, match="No such file"):
        list_keys(tmp_path / "missing.json")
    with pytest.raises(KeysFileProblem, match="No such file"):
        create_key(tmp_path / "no-folder" / "keys.json", "a", "viewer", NOON)


def test_a_link_leads_to_the_new_content(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    create_key(real, "a", "viewer", NOON)
    link.symlink_to(real)
    create_key(link, "b", "viewer", NOON, expires_at=NOON + timedelta(days=1))
    assert link.is_symlink()
    assert [key.name for key in list_keys(real)] == ["a", "b"]


def _create_ten(file: Path, name: str) -> None:
    for _ in range(10):
        create_key(file, name, "viewer", NOON)


def test_none_is_lost_when_several_make_keys_at_once(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_create_ten, args=(file, name)) for name in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert sorted(key.name for key in list_keys(file)) == ["a"] * 10 + ["b"] * 10 + ["c"] * 10


def test_a_file_that_another_process_holds_is_waited_for_with_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_administration, "LOCK_SECONDS", 0.05)
    holder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(KeysFileProblem, match=r"held by another process for 0\.05 s: end that one"):
        create_key(tmp_path / "keys.json", "a", "viewer", NOON)
    os.close(holder)
    create_key(tmp_path / "keys.json", "a", "viewer", NOON)


def test_the_first_key_is_made_once_and_told_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys, key = tmp_path / "keys.json", tmp_path / "first-admin-key"
    arguments = ["--keys", str(keys), "--key", str(key), "--show", "docker compose exec api cat /x"]
    assert first_key.main(arguments) == 0
    text = key.read_text().strip()
    (kept,) = list_keys(keys)
    assert (kept.name, kept.role, is_key(text, kept)) == ("admin", "admin", True)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert first_key.main(arguments) == 0
    assert key.read_text().strip() == text
    said = capsys.readouterr().out
    assert text not in said
    assert said.count(f"the first admin key is in {key}, shown by: docker compose exec api cat /x") == 2
    assert first_key.main(["--keys", str(tmp_path / "none" / "k"), "--key", str(key)]) == 1
    assert "No such file" in capsys.readouterr().err


def test_a_first_key_that_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    keys, key = tmp_path / "keys.json", tmp_path / "first-admin-key"
    create_key(tmp_path / ".keys.json.first", "admin", "admin", NOON)
    key.write_text("of the try before")
    assert first_key.make_first_key(keys, key)
    assert len(list_keys(keys)) == 1
    assert is_key(key.read_text().strip(), list_keys(keys)[0])
