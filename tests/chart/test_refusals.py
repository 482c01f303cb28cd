"""What can't work is refused before anything is installed, with the value to set."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.chart.rendering import CHART, DEVELOPMENT, EXTERNAL, Refused, Values, by_kind, render

OPEN = {"enabled": True, "hosts": ["tasker.example.com"]}
CONTROLLER = {"webFrom": [{"podSelector": {"matchLabels": {"app": "ingress"}}}]}
REFUSALS: dict[str, tuple[Values, str]] = {
    "no backends": ({}, "kafka.bootstrapServers is empty"),
    "no backends, the way out": ({}, "devDependencies.enabled=true"),
    "no MongoDB": ({"kafka": EXTERNAL["kafka"]}, "mongodb.existingSecret.name and mongodb.url are empty"),
    "two Kafkas": ({**DEVELOPMENT, "kafka": EXTERNAL["kafka"]}, "kafka.bootstrapServers and devDependencies.enabled"),
    "two MongoDBs": ({**DEVELOPMENT, "mongodb": EXTERNAL["mongodb"]}, "mongodb.url (or mongodb.existingSecret)"),
    "two URLs": ({**EXTERNAL, "mongodb": {"url": "mongodb://a", "existingSecret": {"name": "b"}}}, "keep one of them"),
    "SASL without a secret": (
        {**EXTERNAL, "kafka": {"bootstrapServers": "k:9092", "sasl": {"mechanism": "PLAIN"}}},
        "kafka.sasl.existingSecret.name is empty",
    ),
    "a secret without SASL": (
        {**EXTERNAL, "kafka": {"bootstrapServers": "k:9092", "sasl": {"existingSecret": {"name": "x"}}}},
        "kafka.sasl.mechanism is empty",
    ),
    "certificates without TLS": (
        {**EXTERNAL, "kafka": {"bootstrapServers": "k:9092", "tls": {"caSecret": {"name": "x"}}}},
        "set kafka.tls.enabled=true",
    ),
    "callbacks that nothing signs": (
        {**EXTERNAL, "callbacks": {"baseUrl": "https://tasker.example.com"}},
        "callbacks.existingSecret.name is empty",
    ),
    "callbacks to no URL": ({**EXTERNAL, "callbacks": {"baseUrl": "tasker.example.com"}}, "baseUrl"),
    "keys in the clear": ({**EXTERNAL, "ingress": OPEN}, "ingress.allowOpenIngress=true"),
    "keys in the clear, the reason": ({**EXTERNAL, "ingress": OPEN}, "API keys would go to the ingress as they are"),
    "an origin with a path": ({**EXTERNAL, "api": {"allowedOrigins": ["https://a.example.com/x"]}}, "allowedOrigins"),
    "an ingress for any host": (
        {**EXTERNAL, "ingress": {"enabled": True, "allowOpenIngress": True}},
        "ingress.hosts is empty",
    ),
    "an ingress to nothing": (
        {**EXTERNAL, "web": {"enabled": False}, "ingress": {**OPEN, "allowOpenIngress": True}},
        "needs web.enabled=true",
    ),
    "an ingress that the network lets everybody get round": (
        {**EXTERNAL, "ingress": {**OPEN, "allowOpenIngress": True}},
        "networkPolicy.webFrom is empty",
    ),
    "a password in a URL that is no secret": (
        {**EXTERNAL, "mongodb": {"url": "mongodb://tasker:secret@host/tasker"}},
        "set mongodb.existingSecret.name",
    ),
    "name servers at no port": ({**EXTERNAL, "networkPolicy": {"dns": {"ports": []}}}, "networkPolicy.dns.ports"),
    "idle tickers": (
        {**EXTERNAL, "ticker": {"replicas": 13}},
        "ticker.replicas is 13, more than kafka.partitions (12)",
    ),
    "idle executors": (
        {**EXTERNAL, "executor": {"autoscaling": {"enabled": True, "maxReplicas": 20}}},
        "executor.autoscaling.maxReplicas is 20",
    ),
    "fewer APIs at most than at least": (
        {**EXTERNAL, "api": {"autoscaling": {"enabled": True, "minReplicas": 8}}},
        "api.autoscaling.minReplicas is 8, more than its maxReplicas (6)",
    ),
    **{
        f"{component} scaled to none ({least})": (
            {**EXTERNAL, component: {"autoscaling": {"enabled": True, "minReplicas": least}}},
            f"{component}.autoscaling.minReplicas has to be 1 or more",
        )
        for component in ("executor", "logSink")
        for least in (0, None)
    },
    "a misspelt value": ({**EXTERNAL, "exector": {}}, "exector"),
    "a misspelt value below": ({**EXTERNAL, "executor": {"replica": 3}}, "replica"),
    "an unknown mechanism": (
        {**EXTERNAL, "kafka": {"bootstrapServers": "k:9092", "sasl": {"mechanism": "GSSAPI"}}},
        "kafka.sasl.mechanism",
    ),
    "an address without a port": ({**EXTERNAL, "kafka": {"bootstrapServers": "kafka"}}, "kafka.bootstrapServers"),
    "a URL of something else": ({**EXTERNAL, "mongodb": {"url": "postgres://x"}}, "mongodb.url"),
    "a number as text": ({**EXTERNAL, "executor": {"concurrency": "many"}}, "executor.concurrency"),
}


@pytest.mark.parametrize(("values", "message"), REFUSALS.values(), ids=REFUSALS)
def test_it_is_refused_with_the_value_to_set(values: Values, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        render(values)
    assert message in str(refusal.value)


def test_what_is_refused_is_taken_once_it_is_mended() -> None:
    opened = {**EXTERNAL, "ingress": {**OPEN, "allowOpenIngress": True}, "networkPolicy": CONTROLLER}
    ingresses = by_kind(render(opened), "Ingress")
    assert len(ingresses) == 2
    for ingress in ingresses.values():
        (rule,) = ingress["spec"]["rules"]
        assert rule["host"] == "tasker.example.com"
        assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "tasker-web", "port": {"name": "http"}}


@pytest.mark.parametrize("url", ["mongodb://a,b:27017/tasker?replicaSet=rs0", "mongodb+srv://CN%3Dtasker@host/tasker"])
def test_a_url_without_a_password_is_taken(url: str) -> None:
    secret = by_kind(render({**EXTERNAL, "mongodb": {"url": url}}), "Secret")["mongodb-url"]
    assert secret["stringData"] == {"url": url}


def test_the_schema_knows_every_value_and_no_others() -> None:
    schema: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    values: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(differences("", values, schema, schema["definitions"])) == {"/global"}


def differences(path: str, value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    """Keys that only values.yaml or only the schema has; objects that are handed on to Kubernetes are not entered."""
    schema = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if not isinstance(value, dict) or schema.get("additionalProperties") is not False:
        return
    optional = {"requests", "limits", "claims"}
    for key in value.keys() ^ schema["properties"].keys():
        if key not in optional:
            yield f"{path}/{key}"
    for key in value.keys() & schema["properties"].keys():
        yield from differences(f"{path}/{key}", value[key], schema["properties"][key], definitions)


def test_every_value_is_explained() -> None:
    """Each key has a comment, of its own or of the group that it stands in, or keys below that have."""
    explained = False
    for number, line in enumerate((CHART / "values.yaml").read_text().splitlines(), 1):
        if line.strip().startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
        elif line.rstrip().endswith(":"):
            continue
        else:
            assert explained, f"values.yaml:{number} says nothing of {line.strip()}"
