"""Histories know keys by their names: no two keys that may do different things have one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tasker_core.errors import InvalidInput
from tasker_runtime.access.key_administration import KeysFileProblem, create_key, list_keys

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_a_name_does_not_look_like_one_who_acts_for_somebody(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    for name in ("ci: prod", ": x", "a: b: c"):
        with pytest.raises(InvalidInput, match="must not hold ': '") as raised:
            create_key(file, name, "viewer", NOON)
        assert [error.pointer for error in raised.value.errors] == ["/name"]
    assert not file.exists()
    create_key(file, "ci:prod", "viewer", NOON)


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ({"role": "admin", "tags": ("finance", "tax")}, "admin, tasks tagged 'finance' or 'tax'"),
        ({"role": "operator", "tags": ()}, "operator, all tasks"),
        ({"role": "operator", "tags": ("finance",)}, "operator, tasks tagged 'finance'"),
        ({"role": "operator", "tags": ("finance", "tax"), "expires_at": NOON}, None),
        ({"role": "operator", "tags": ("tax", "finance"), "requests_per_second": 3}, None),
    ],
)
def test_a_name_that_is_in_use_is_for_the_same_role_and_tags(
    tmp_path: Path, other: dict[str, Any], shown: str | None
) -> None:
    file = tmp_path / "keys.json"
    first = create_key(file, "ci", now=NOON, **other).kept
    if shown is None:
        create_key(file, " ci ", "operator", NOON, tags=("finance", "tax"))
        assert [key.name for key in list_keys(file)] == ["ci", "ci"]
        return
    with pytest.raises(KeysFileProblem) as raised:
        create_key(file, " ci ", "operator", NOON, tags=("finance", "tax"))
    assert f"the key {first.id} has the name 'ci', too, and is another one ({shown})" in str(raised.value)
    assert "choose another name, or revoke that key first" in str(raised.value)
    assert "same role and tags" in str(raised.value)
    assert list_keys(file) == (first,)


def test_a_file_with_such_names_is_still_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    create_key(file, "ci", "viewer", NOON)
    create_key(file, "else", "admin", NOON)
    create_key(file, "more", "admin", NOON)
    content = json.loads(file.read_text())
    content["keys"][1]["name"], content["keys"][2]["name"] = "ci", "ci: prod"
    file.write_text(json.dumps(content))
    assert [key.name for key in list_keys(file)] == ["ci", "ci", "ci: prod"]
    create_key(file, "new", "viewer", NOON)
