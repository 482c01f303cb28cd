"""Settings from the environment."""

from ipaddress import ip_network
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from tasker_executor.settings import ExecutorSettings


def test_networks_are_given_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ExecutorSettings().executor_allow_networks == ()
    monkeypatch.setenv("TASKER_EXECUTOR_ALLOW_NETWORKS", "127.0.0.0/8, fd00::/8 ,")
    assert ExecutorSettings().executor_allow_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    monkeypatch.setenv("TASKER_EXECUTOR_ALLOW_NETWORKS", "")
    assert ExecutorSettings().executor_allow_networks == ()


@pytest.mark.parametrize("text", ["localhost", "10.0.0.0/40", "10.0.0.1/8"])
def test_a_wrong_network_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TASKER_EXECUTOR_ALLOW_NETWORKS", f"127.0.0.0/8,{text}")
    with pytest.raises(ValidationError, match=text):
        ExecutorSettings()


def test_secrets_and_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (ExecutorSettings().executor_secrets_dir, ExecutorSettings().executor_per_host) == (None, 50)
    monkeypatch.setenv("TASKER_EXECUTOR_SECRETS_DIR", "")  # not the directory that the executor happens to be in
    assert ExecutorSettings().executor_secrets_dir is None
    monkeypatch.setenv("TASKER_EXECUTOR_SECRETS_DIR", "/run/secrets")
    monkeypatch.setenv("TASKER_EXECUTOR_PER_HOST", "7")
    assert (ExecutorSettings().executor_secrets_dir, ExecutorSettings().executor_per_host) == (Path("/run/secrets"), 7)
    assert ExecutorSettings().connections_per_host == 7 + 3  # the background lane's come on top


def test_concurrency(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ExecutorSettings().executor_concurrency == 200
    monkeypatch.setenv("TASKER_EXECUTOR_CONCURRENCY", "7")
    assert ExecutorSettings().executor_concurrency == 7


def test_the_file_of_authorities_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TASKER_EXECUTOR_CA_FILE", "")
    assert ExecutorSettings().executor_ca_file is None
    file = tmp_path / "ca.pem"
    monkeypatch.setenv("TASKER_EXECUTOR_CA_FILE", str(file))
    for content in (None, "", "no certificate"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(ValidationError, match="no certificate in PEM"):
            ExecutorSettings()
    trustme.CA(key_type=trustme.KeyType.ECDSA).cert_pem.write_to_path(str(file))
    assert ExecutorSettings().executor_ca_file == file
