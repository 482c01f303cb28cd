"""The chart comes up with keys: its own secret with a first admin key, or a secret of the user's."""

from base64 import b64decode
from typing import Any

from tasker_core.access.api_key import id_in, is_key
from tasker_core.access.keys_file import read_keys
from tests.chart.rendering import COMPLETE, DEVELOPMENT, EXTERNAL, by_kind, environment, pods, render


def test_the_first_key_is_an_admin_s_and_kept_as_a_digest() -> None:
    secret = by_kind(render(DEVELOPMENT), "Secret")["api-keys"]
    data = {name: b64decode(value) for name, value in secret["data"].items()}
    key = data["first-admin-key"].decode()
    (kept,) = read_keys(data["keys.json"]).keys
    assert (kept.id, kept.role, is_key(key, kept)) == (id_in(key), "admin", True)
    assert key.rpartition("_")[2].encode() not in data["keys.json"]


def test_the_api_reads_the_file_from_a_volume_that_follows_the_secret() -> None:
    for values, secret, key in ((EXTERNAL, "tasker-api-keys", "keys.json"), (COMPLETE, "people", "keys")):
        pod: dict[str, Any] = dict(pods(render(values)))["api"]["spec"]
        (volume,) = [one for one in pod["volumes"] if one["name"] == "keys"]
        (source,) = volume["projected"]["sources"]
        assert source["secret"] == {"name": secret, "items": [{"key": key, "path": "keys.json"}]}
        (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "keys"]
        assert "subPath" not in mount
        assert mount["readOnly"] is True
        found = environment(pod["containers"][0], render(values))
        assert found["TASKER_API_KEYS_FILE"] == f"{mount['mountPath']}/keys.json"


def test_no_secret_is_made_where_one_is_given() -> None:
    assert "api-keys" not in by_kind(render(COMPLETE), "Secret")


def test_the_smoke_test_has_a_key() -> None:
    for values, reference in ((EXTERNAL, ("tasker-api-keys", "first-admin-key")), (COMPLETE, ("people", "robot"))):
        (container,) = dict(pods(render(values)))["smoke-test"]["spec"]["containers"]
        of: Any = environment(container, render(values))["TASKER_API_KEY"]
        assert (of["secretKeyRef"]["name"], of["secretKeyRef"]["key"]) == reference


def test_origins_are_handed_on() -> None:
    (container,) = dict(pods(render(COMPLETE)))["api"]["spec"]["containers"]
    found = environment(container, render(COMPLETE))
    assert found["TASKER_API_ALLOWED_ORIGINS"] == "https://portal.example.com,http://10.0.0.7:8080"
