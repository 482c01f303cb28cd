"""What the chart puts into the services' environment is what they read, and they take it."""

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from tasker_api.settings import ApiSettings
from tasker_devstack.backends.certificates import issue_certificates
from tasker_executor.settings import ExecutorSettings
from tasker_log_sink.settings import SinkSettings
from tasker_runtime.settings import ServiceSettings
from tasker_ticker.settings import TickerSettings
from tests.chart.rendering import (
    COMPLETE,
    DEVELOPMENT,
    VALUE_SETS,
    Manifest,
    Refused,
    Values,
    environment,
    pods,
    render,
)

EVERY = pytest.mark.parametrize("values", VALUE_SETS.values(), ids=VALUE_SETS)
SETTINGS: dict[str, type[BaseSettings]] = {
    "ticker": TickerSettings,
    "executor": ExecutorSettings,
    "log-sink": SinkSettings,
    "api": ApiSettings,
}
KNOWN = {f"TASKER_{name}".upper() for settings in SETTINGS.values() for name in settings.model_fields}


SECRET_VALUES = {
    "MONGODB_URL": "mongodb://user:secret@host/tasker",
    "TASKER_DEAD_MAN_URL": "https://ping.example.com/secret",
}
"""What is in the secrets, where it can't be anything."""


def environments(values: Values) -> dict[str, dict[str, object]]:
    """The environment of each service's container."""
    manifests = render(values)
    return {
        component: environment(pod["spec"]["containers"][0], manifests)
        for component, pod in pods(manifests)
        if component in SETTINGS
    }


@EVERY
def test_every_variable_is_one_that_a_service_knows(values: Values) -> None:
    for component, found in environments(values).items():
        ours = {name for name in found if name.startswith("TASKER_")}
        assert ours <= KNOWN, f"{component}: {ours - KNOWN}"


@EVERY
def test_the_settings_take_it(values: Values, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = issue_certificates(tmp_path)
    files = {"ca.crt": made.ca, "tls.crt": made.client_cert, "tls.key": made.client_key, "client.pem": made.client}
    files["keys.json"] = tmp_path / "keys.json"
    for component, found in environments(values).items():
        for name, value in found.items():
            secret = SECRET_VALUES.get(name, "x" * 32)
            text = value if isinstance(value, str) else secret
            monkeypatch.setenv(name, str(files[text.rpartition("/")[2]]) if name.endswith("_FILE") else text)
        settings = SETTINGS[component]()
        assert isinstance(settings, ServiceSettings)
        assert (settings.metrics_host, settings.metrics_port) == ("0.0.0.0", 9090)
        assert settings.kafka_security_protocol == found["TASKER_KAFKA_SECURITY_PROTOCOL"]
        if isinstance(settings, ApiSettings):
            assert (settings.api_host, settings.api_port) == ("0.0.0.0", 8000)
        if isinstance(settings, ExecutorSettings) and values is COMPLETE:
            assert [str(network) for network in settings.executor_allow_networks] == ["10.1.0.0/16", "fd00::/8"]
            assert str(settings.executor_secrets_dir) == "/etc/tasker/secrets"
            assert settings.executor_ca_file == made.ca
        for name in found:
            monkeypatch.delenv(name)


@EVERY
def test_no_secret_is_in_a_config_map_or_in_a_pod(values: Values) -> None:
    manifests = render(values)
    for component, found in environments(values).items():
        for name, value in found.items():
            secret = re.search("PASSWORD|MONGODB_URL|CALLBACK_SECRET|DEAD_MAN_URL", name)
            assert not secret or isinstance(value, dict), f"{component}: {name}"
    for manifest in manifests:
        if manifest["kind"] == "ConfigMap" and "dashboard" not in manifest["metadata"]["name"]:
            assert not re.search("(?i)mongodb_url|password", str(manifest["data"]))


def test_targets_may_report_by_the_name_that_they_are_told() -> None:
    found = environments(COMPLETE)
    assert found["executor"]["TASKER_CALLBACK_BASE_URL"] == "https://hooks.example.com/tasker"
    assert "hooks.example.com" in str(found["api"]["TASKER_API_ALLOWED_HOSTS"]).split(",")
    assert found["executor"]["TASKER_CALLBACK_SECRET"] == found["api"]["TASKER_CALLBACK_SECRET"]
    assert all("TASKER_CALLBACK_SECRET" not in of for of in environments(DEVELOPMENT).values())


def test_canaries_and_the_sign_of_life_are_off_until_they_are_set() -> None:
    found, bare = environments(COMPLETE)["api"], environments(DEVELOPMENT)["api"]
    assert (found["TASKER_CANARY_SECONDS"], found["TASKER_API_MAX_STREAMS"]) == ("60", "250")
    assert found["TASKER_DEAD_MAN_URL"] == {"secretKeyRef": {"name": "watch", "key": "url"}}
    assert not {"TASKER_CANARY_SECONDS", "TASKER_DEAD_MAN_URL"} & bare.keys()


def test_only_the_inside_is_open() -> None:
    """Services listen on all addresses of their pods; nothing of the cluster's edge leads to them unasked."""
    manifests = render(DEVELOPMENT)
    assert all(found["TASKER_ALLOW_OPEN"] == "true" for found in environments(DEVELOPMENT).values())
    services = [m for m in manifests if m["kind"] == "Service"]
    assert services
    assert all(m["spec"].get("type", "ClusterIP") == "ClusterIP" for m in services)
    assert not [m for m in manifests if m["kind"] == "Ingress"]
    for _, pod in pods(manifests):
        ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", [])]
        assert not [port for port in ports if "hostPort" in port]


def test_the_api_answers_to_the_names_of_its_services_of_the_ingress_and_of_the_values() -> None:
    hosts = str(environments(COMPLETE)["api"]["TASKER_API_ALLOWED_HOSTS"]).split(",")
    assert {"tasker-api", "tasker-web", "tasker-web.scheduling.svc.cluster.local"} <= set(hosts)
    assert {"tasker.example.com", "tasker.internal"} <= set(hosts)
    assert "tasker.example.com" not in str(environments(DEVELOPMENT)["api"]["TASKER_API_ALLOWED_HOSTS"])


def test_the_way_to_a_secured_kafka_and_mongodb() -> None:
    found = environments(VALUE_SETS["secured"])["api"]
    assert found["TASKER_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert (found["TASKER_KAFKA_SASL_MECHANISM"], found["TASKER_KAFKA_SASL_USERNAME"]) == ("SCRAM-SHA-512", "tasker")
    assert found["TASKER_KAFKA_SASL_PASSWORD"] == {"secretKeyRef": {"name": "kafka-password", "key": "secret"}}
    assert found["MONGODB_URL"] == {"secretKeyRef": {"name": "mongodb-credentials", "key": "url"}}
    for component, pod in pods(render(VALUE_SETS["secured"])):
        if component == "web" or component == "smoke-test":
            continue
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            paths = mounted(pod, container)
            named = {found[name] for name in found if name.endswith("_FILE") and name != "TASKER_API_KEYS_FILE"}
            only_kafka = {path for path in named if "kafka" in str(path)}
            uses_mongodb = any(v["name"] == "MONGODB_URL" for v in container.get("env", []))
            wanted = (
                named if uses_mongodb and component != "setup" else named - only_kafka if uses_mongodb else only_kafka
            )
            assert wanted <= paths, f"{component}: {wanted - paths}"


def mounted(pod: Manifest, container: Manifest) -> set[str]:
    """The paths of the files that projected volumes bring into a container."""
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    return {
        f"{mount['mountPath']}/{item['path']}"
        for mount in container["volumeMounts"]
        for source in volumes[mount["name"]].get("projected", {}).get("sources", [])
        for item in source["secret"]["items"]
    }


def test_one_node_keeps_one_copy_and_a_cluster_three() -> None:
    copies = {name: environments(values)["ticker"]["TASKER_REPLICAS"] for name, values in VALUE_SETS.items()}
    assert copies == {"development": "1", "external": "3", "secured": "3", "complete": "3"}


def test_authorities_that_calls_trust_are_where_the_executor_looks() -> None:
    pod = dict(pods(render(COMPLETE)))["executor"]["spec"]
    (volume,) = [one for one in pod["volumes"] if one["name"] == "authorities"]
    assert volume["secret"]["secretName"] == "corporate-authorities"
    assert volume["secret"]["items"] == [{"key": "bundle.pem", "path": "ca.crt"}]
    (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "authorities"]
    assert environments(COMPLETE)["executor"]["TASKER_EXECUTOR_CA_FILE"] == f"{mount['mountPath']}/ca.crt"
    assert "TASKER_EXECUTOR_CA_FILE" not in environments(DEVELOPMENT)["executor"]


def test_how_long_documents_are_kept_is_the_same_for_the_setup_and_the_log_sink() -> None:
    kept = {"runs": "P60D", "statsMinutes": "P3D", "revisions": ""}
    manifests = render({**DEVELOPMENT, "logSink": {"retention": kept}})
    for component, container in (("log-sink", "containers"), ("setup", "initContainers")):
        pod = dict(pods(manifests))[component]
        found = environment(pod["spec"][container][0], manifests)
        assert found["TASKER_LOG_SINK_RETENTION_RUNS"] == "P60D"
        assert found["TASKER_LOG_SINK_RETENTION_STATS_MINUTES"] == "P3D"
        assert "TASKER_LOG_SINK_RETENTION_REVISIONS" not in found
    with pytest.raises(Refused, match="retention"):
        render({**DEVELOPMENT, "logSink": {"retention": {"runs": "30 days"}}})
