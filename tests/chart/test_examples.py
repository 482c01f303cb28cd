"""The examples fit together: what operators make is what the values name, and Tasker may do what it does."""

from typing import Any

import yaml

from tasker_core.topics import TOPICS, Topics
from tests.chart.network_model import Peer, may_connect
from tests.chart.rendering import EXAMPLES, Manifest, by_kind, environment, pods, render

STRIMZI, MONGODB = EXAMPLES / "strimzi", EXAMPLES / "mongodb-community"


def resources(name: str) -> dict[str, Manifest]:
    """The resources of an example by kind and name."""
    loaded = yaml.safe_load_all((EXAMPLES / name).read_text())
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in loaded}


def values() -> dict[str, Any]:
    """Both examples' values together, as Helm merges files that share a key."""
    kafka: dict[str, Any] = yaml.safe_load((STRIMZI / "values.yaml").read_text())
    mongodb: dict[str, Any] = yaml.safe_load((MONGODB / "values.yaml").read_text())
    return {**kafka, **mongodb, "networkPolicy": {**kafka["networkPolicy"], **mongodb["networkPolicy"]}}


def test_kafka_is_called_as_it_listens_by_the_user_that_it_has() -> None:
    made, given = resources("strimzi/kafka.yaml"), values()["kafka"]
    (cluster,) = (one for kind, one in made.items() if kind.startswith("Kafka/"))
    (listener,) = cluster["spec"]["kafka"]["listeners"]
    name, user = cluster["metadata"]["name"], made["KafkaUser/tasker"]
    assert given["bootstrapServers"] == f"{name}-kafka-bootstrap.tasker.svc:{listener['port']}"
    assert given["tls"] == {"enabled": True, "caSecret": {"name": f"{name}-cluster-ca-cert", "key": "ca.crt"}}
    assert listener["tls"] is True
    assert listener["authentication"] == user["spec"]["authentication"] == {"type": "scram-sha-512"}
    assert given["sasl"]["mechanism"] == "SCRAM-SHA-512"
    assert given["sasl"]["username"] == given["sasl"]["existingSecret"]["name"] == user["metadata"]["name"]
    assert given["sasl"]["existingSecret"]["passwordKey"] == "password"
    for kind in ("KafkaNodePool/nodes", "KafkaUser/tasker"):
        assert made[kind]["metadata"]["labels"] == {"strimzi.io/cluster": name}
    assert made["KafkaNodePool/nodes"]["spec"]["replicas"] >= given["replicationFactor"]


def test_the_user_of_kafka_may_do_what_tasker_does_and_has_no_other_names() -> None:
    acls = resources("strimzi/kafka.yaml")["KafkaUser/tasker"]["spec"]["authorization"]["acls"]
    allowed = {acl["resource"]["type"]: acl for acl in acls}
    prefixes = {kind: acl["resource"]["name"] for kind, acl in allowed.items()}
    assert {acl["resource"]["patternType"] for acl in acls} == {"prefix"}
    names = Topics("tasker")
    assert all(names[topic.name].startswith(prefixes["topic"]) for topic in TOPICS)
    assert {"Create", "Describe", "Read", "Write"} <= set(allowed["topic"]["operations"])
    assert all(f"tasker-{service}".startswith(prefixes["group"]) for service in ("ticker", "executor", "log-sink"))
    assert "Read" in allowed["group"]["operations"]
    assert "tasker-ticker-0".startswith(prefixes["transactionalId"])
    assert "Write" in allowed["transactionalId"]["operations"]


def test_mongodb_is_called_by_the_url_and_the_authority_that_the_operators_make() -> None:
    made, given = resources("mongodb-community/mongodb.yaml"), values()["mongodb"]
    cluster = made["MongoDBCommunity/mongodb"]
    (user,) = cluster["spec"]["users"]
    secret = f"{cluster['metadata']['name']}-{user['db']}-{user['name']}"
    assert given["existingSecret"] == {"name": secret, "key": "connectionString.standard"}
    tls = cluster["spec"]["security"]["tls"]
    certificates = {one["spec"]["secretName"] for kind, one in made.items() if kind.startswith("Certificate/")}
    assert tls["enabled"] is True
    assert {tls["certificateKeySecretRef"]["name"], tls["caCertificateSecretRef"]["name"]} == certificates
    assert given["tls"]["caSecret"] == {"name": tls["caCertificateSecretRef"]["name"], "key": "ca.crt"}
    assert {role["db"] for role in user["roles"]} == {user["db"]} == {"tasker"}
    (name,) = made["Certificate/mongodb-tls"]["spec"]["dnsNames"]
    assert name == f"*.{cluster['metadata']['name']}-svc.tasker.svc.cluster.local"


def test_the_chart_takes_the_values_and_the_network_lets_it_through() -> None:
    manifests = render(values())
    found = {component: pod for component, pod in pods(manifests) if component in ("api", "ticker")}
    variables = environment(found["api"]["spec"]["containers"][0], manifests)
    assert (variables["TASKER_KAFKA_SECURITY_PROTOCOL"], variables["TASKER_REPLICAS"]) == ("SASL_SSL", "3")
    assert variables["TASKER_MONGODB_CA_FILE"] == "/etc/tasker/mongodb/ca.crt"
    policies = list(by_kind(manifests, "NetworkPolicy").values())
    api = Peer(found["api"]["metadata"]["labels"])
    broker = Peer({"strimzi.io/cluster": "kafka", "strimzi.io/kind": "Kafka", "strimzi.io/name": "kafka-kafka"})
    assert may_connect(policies, api, broker, 9093)
    assert may_connect(policies, api, Peer({"app": "mongodb-svc"}), 27017)
    assert not may_connect(policies, api, Peer({"app": "other"}), 27017)
