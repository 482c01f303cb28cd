"""docker-compose.yml: its settings are explained, and nothing in it is more open than it has to be."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tasker_api.settings import ApiSettings
from tasker_core.topics import PARTITIONS
from tasker_devstack.paths import ROOT, SERVICES

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
WHOLE: dict[str, Any] = yaml.safe_load(COMPOSE)
SYSTEM: dict[str, dict[str, Any]] = WHOLE["services"]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
OURS = ("setup", "cli", "web", *SERVICES)


def explained() -> dict[str, str]:
    """The settings of .env.example with their defaults."""
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_setting_is_explained_with_its_default() -> None:
    used = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", COMPOSE))
    handed_on = {name for name in SYSTEM["ticker"]["environment"] if SYSTEM["ticker"]["environment"][name] is None}
    assert {name: default for name, default in explained().items() if name not in handed_on} == used
    assert handed_on <= set(explained())
    assert used["TASKER_PARTITIONS"] == str(PARTITIONS)


def test_it_works_without_settings() -> None:
    assert set(re.findall(r"\$\{[^}]*\}", COMPOSE)) == set(re.findall(r"\$\{[A-Z_]+:-[^}]*\}", COMPOSE))


@pytest.mark.parametrize("name", SYSTEM)
def test_ports_are_published_on_this_machine_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SYSTEM[name].get("ports", []))


@pytest.mark.parametrize("name", SYSTEM)
def test_no_container_may_gain_rights(name: str) -> None:
    assert SYSTEM[name]["cap_drop"] == ["ALL"]
    assert SYSTEM[name]["security_opt"] == ["no-new-privileges:true"]
    assert SYSTEM[name]["logging"]["options"]["max-size"]
    if name in OURS:
        assert SYSTEM[name]["read_only"] is True


@pytest.mark.parametrize("name", OURS)
def test_images_of_ours_are_built_when_they_are_missing_and_never_pulled(name: str) -> None:
    """Without the policy Compose asks a registry for tasker/… first, and runs what somebody else may have put there."""
    assert SYSTEM[name]["pull_policy"] == "never"
    assert "build" in SYSTEM[name] or SYSTEM[name]["image"] == SYSTEM["log-sink"]["image"]


@pytest.mark.parametrize("given", ["", "tasker.example.com"])
def test_the_api_answers_to_the_name_by_which_the_cli_calls_it(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = SYSTEM["api"]["environment"]["TASKER_API_ALLOWED_HOSTS"]
    monkeypatch.setenv("TASKER_API_ALLOWED_HOSTS", hosts.replace("${TASKER_API_ALLOWED_HOSTS:-}", given))
    allowed = ApiSettings().api_allowed_hosts
    url: str = SYSTEM["cli"]["environment"]["TASKER_URL"]
    assert urlsplit(url).hostname in allowed
    assert not given or given in allowed


@pytest.mark.parametrize("name", SERVICES)
def test_services_can_be_scaled_and_finish_what_they_are_at(name: str) -> None:
    assert not {"container_name", "ports"} & set(SYSTEM[name])
    if name != "api":
        assert SYSTEM[name]["deploy"]["replicas"] == f"${{TASKER_{name.upper().replace('-', '_')}S:-1}}"
    assert SYSTEM[name]["depends_on"] == {"setup": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("name", SERVICES)
def test_containers_are_killed_20_s_after_a_drain_of_whatever_length(name: str) -> None:
    """Compose can't add, but takes durations as Go does, in which the same unit may come twice: 20s10s are 30 s."""
    drain = SYSTEM[name]["environment"]["TASKER_DRAIN_SECONDS"]
    assert SYSTEM[name]["stop_grace_period"] == f"20s{drain}s"
    assert "give containers 20 s more" in OPERATIONS


def test_the_version_of_compose_that_is_needed_is_the_one_that_is_checked() -> None:
    makefile = (ROOT / "deploy" / "docker" / "containers.mk").read_text(encoding="utf-8")
    (checked,) = re.findall(r"but ([\d.]+) or newer is needed", makefile)
    assert f'sort -V | head -n 1)" != {checked} ]' in makefile
    assert f"Compose plug-in ({checked} or newer)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_comes_up_with_keys_that_the_cli_has() -> None:
    """`setup` makes the first key before the API starts, in a volume that the API may only read."""
    folder = "/var/lib/tasker/keys"
    (script,) = SYSTEM["setup"]["command"]
    assert f"tasker_runtime.access.first_key --keys {folder}/keys.json --key {folder}/first-admin-key" in script
    assert SYSTEM["setup"]["volumes"] == SYSTEM["cli"]["volumes"] == [f"keys:{folder}"]
    assert SYSTEM["api"]["volumes"] == [f"keys:{folder}:ro"]
    assert SYSTEM["api"]["environment"]["TASKER_API_KEYS_FILE"] == f"{folder}/keys.json"
    assert SYSTEM["cli"]["environment"]["TASKER_API_KEY_FILE"] == f"{folder}/first-admin-key"
    recipe = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert (
        f"install -d -m 0700 -o 10001 -g 10001 {folder}" in recipe
    )  # a volume begins as the folder that it is laid on


def test_a_backup_holds_every_volume_but_that_which_may_be_lost() -> None:
    """`down --volumes`, which comes before the way back, removes all of them: the keys of everybody, too."""
    loops = re.findall(r"^for volume in (.*); do$", OPERATIONS, re.MULTILINE)
    assert len(loops) == 2
    for loop in loops:
        assert set(loop.split()) == set(WHOLE["volumes"]) - {"ticker-state"}


ELSEWHERE = {
    "KAFKA_BOOTSTRAP_SERVERS": "it brings its own, without TLS and logins",
    "MONGODB_URL": "the same",
    "TASKER_REPLICAS": "one broker",
    "TASKER_INSTANCE_ID": "the images have it",
    "TASKER_METRICS_PORT": "the same",
    "TASKER_API_PORT": "the same",
    "TASKER_WEB_ROOT": "nginx serves the web UI",
    "TASKER_EXECUTOR_CA_FILE": "a file, which takes a volume: an override",
    "TASKER_EXECUTOR_SECRETS_DIR": "the same; secrets.env has them otherwise",
    "TASKER_LOG_SINK_BATCH_RECORDS": "for measurements",
    "TASKER_LOG_SINK_BATCH_BYTES": "the same",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "there is one",
    "OTEL_SDK_DISABLED": "no endpoint, no traces",
}
"""Settings that compose gives no way to, and why."""


def test_every_other_setting_of_the_table_reaches_the_services_that_read_it() -> None:
    section = OPERATIONS.partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| .*? \| (.*?) \| .+ \|$", section, re.MULTILINE)
    assert len(rows) > 40
    for name, services in rows:
        if name in ELSEWHERE or name.startswith(("TASKER_KAFKA_", "TASKER_MONGODB_")):
            continue
        for service in SERVICES if services == "all" else services.split(", "):
            assert name in SYSTEM[service]["environment"], f"{service} does not get {name}"


def test_spans_go_to_receivers_that_ask_who_sends_them() -> None:
    for service in SERVICES:
        assert SYSTEM[service]["environment"]["OTEL_EXPORTER_OTLP_HEADERS"] is None
