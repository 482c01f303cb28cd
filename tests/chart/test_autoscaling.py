"""What is scaled, and by what."""

from tests.chart.rendering import COMPLETE, DEVELOPMENT, EXTERNAL, VALUE_SETS, by_kind, render

SCALED = {
    "executor": {"autoscaling": {"enabled": True, "lagThreshold": 200}},
    "logSink": {"autoscaling": {"enabled": True}},
}


def test_nothing_is_scaled_unasked() -> None:
    for kind in ("ScaledObject", "HorizontalPodAutoscaler", "TriggerAuthentication"):
        assert not by_kind(render(EXTERNAL), kind)


def test_the_ticker_is_never_scaled() -> None:
    for values in VALUE_SETS.values():
        for kind in ("ScaledObject", "HorizontalPodAutoscaler"):
            targets = [m["spec"]["scaleTargetRef"]["name"] for m in by_kind(render(values), kind).values()]
            assert "tasker-ticker" not in targets


def test_executor_and_log_sink_are_scaled_by_what_waits_for_their_groups() -> None:
    scaled = by_kind(render({**EXTERNAL, **SCALED}), "ScaledObject")
    assert scaled.keys() == {"executor", "log-sink"}
    topics = {
        name: [(t["metadata"]["consumerGroup"], t["metadata"]["topic"]) for t in one["spec"]["triggers"]]
        for name, one in scaled.items()
    }
    assert topics == {
        "executor": [("tasker-executor", "tasker.due-tasks"), ("tasker-executor", "tasker.due-background")],
        "log-sink": [
            ("tasker-log-sink", f"tasker.{topic}") for topic in ("results", "verdicts", "watermarks", "handlers")
        ],
    }
    (first, _) = scaled["executor"]["spec"]["triggers"]
    assert first["metadata"]["lagThreshold"] == "200"
    assert first["metadata"]["bootstrapServers"] == "kafka-0.example:9094,kafka-1.example:9094"
    assert "authenticationRef" not in first


def test_what_is_scaled_has_no_number_that_an_upgrade_would_set_back() -> None:
    deployments = by_kind(render(COMPLETE), "Deployment")
    assert {name for name, one in deployments.items() if "replicas" not in one["spec"]} == {
        "executor",
        "log-sink",
        "api",
    }
    (api,) = by_kind(render(COMPLETE), "HorizontalPodAutoscaler").values()
    assert api["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tasker-api"}


def test_fewer_have_to_be_enough_for_a_while_before_there_are_fewer() -> None:
    """KEDA's cooldownPeriod does not hold here: it is for the step to none."""
    own = {"autoscaling": {"enabled": True, "cooldownSeconds": 120}}
    (executor,) = by_kind(render({**EXTERNAL, "executor": own}), "ScaledObject").values()
    behavior = executor["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior == {"scaleDown": {"stabilizationWindowSeconds": 120}}


def test_keda_needs_no_secret_for_a_kafka_that_everybody_trusts() -> None:
    kafka = {"bootstrapServers": "kafka.example:9093", "tls": {"enabled": True}}
    manifests = render({**EXTERNAL, **SCALED, "kafka": kafka})
    assert not by_kind(manifests, "TriggerAuthentication")
    for scaled in by_kind(manifests, "ScaledObject").values():
        for trigger in scaled["spec"]["triggers"]:
            assert trigger["metadata"]["tls"] == "enable"
            assert "authenticationRef" not in trigger


def test_keda_comes_to_a_secured_kafka_by_the_same_secrets() -> None:
    manifests = render(COMPLETE)
    (authentication,) = by_kind(manifests, "TriggerAuthentication").values()
    targets = {one["parameter"]: (one["name"], one["key"]) for one in authentication["spec"]["secretTargetRef"]}
    assert targets == {
        "username": ("tasker-keda-kafka", "username"),
        "password": ("kafka-password", "secret"),
        "ca": ("kafka-ca", "ca.crt"),
        "cert": ("kafka-user", "user.crt"),
        "key": ("kafka-user", "user.key"),
    }
    for scaled in by_kind(manifests, "ScaledObject").values():
        for trigger in scaled["spec"]["triggers"]:
            assert trigger["authenticationRef"] == {"name": "tasker-keda-kafka"}
            assert (trigger["metadata"]["sasl"], trigger["metadata"]["tls"]) == ("scram_sha512", "enable")


def test_keda_finds_the_kafka_to_try_with_from_its_own_namespace() -> None:
    for scaled in by_kind(render({**DEVELOPMENT, **SCALED}), "ScaledObject").values():
        for trigger in scaled["spec"]["triggers"]:
            assert trigger["metadata"]["bootstrapServers"] == "tasker-kafka.scheduling.svc:9092"
