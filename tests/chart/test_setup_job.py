"""The job that makes collections and topics: another one whenever what it would do is another thing."""

from tests.chart.rendering import DEVELOPMENT, EXTERNAL, Manifest, Values, by_kind, render


def job(values: Values) -> tuple[str, Manifest]:
    (found,) = by_kind(render(values), "Job").items()
    return found


def test_it_makes_the_collections_then_the_topics_and_waits_for_both_backends() -> None:
    name, made = job(DEVELOPMENT)
    spec = made["spec"]["template"]["spec"]
    assert name.startswith("setup-")
    assert [c["command"][2] for c in spec["initContainers"]] == ["tasker_log_sink.store.collection_setup"]
    assert [c["command"][2] for c in spec["containers"]] == ["tasker_runtime.topic_setup"]
    assert all(c["command"][3:] == ["--wait", "600"] for c in [*spec["initContainers"], *spec["containers"]])
    assert "annotations" not in made["metadata"], "no hook: the backends may be of the same release"
    assert made["spec"]["ttlSecondsAfterFinished"] > 0


def test_the_same_work_is_the_same_job_and_other_work_another_one() -> None:
    """A job can't be changed: an upgrade that changed it in place would fail."""
    name, made = job(EXTERNAL)
    assert job({**EXTERNAL, "api": {"replicas": 5}, "ingress": {"className": "x"}}) == (name, made)
    others: list[Values] = [
        {**EXTERNAL, "image": {"tag": "0.2.0"}},
        {**EXTERNAL, "kafka": {"bootstrapServers": "other:9092"}},
        {**EXTERNAL, "mongodb": {"url": "mongodb://one"}},
        {**EXTERNAL, "mongodb": {"url": "mongodb://two"}},
        {**EXTERNAL, "logLevel": "debug"},
        {**EXTERNAL, "podAnnotations": {"a": "b"}},
    ]
    assert len({name, *(job(values)[0] for values in others)}) == 1 + len(others)


def test_it_goes_on_until_the_backends_come_however_late_that_is() -> None:
    """A job that has given up is there and stays as it is: the services would wait for topics that nobody makes."""
    _, made = job(EXTERNAL)
    spec = made["spec"]["template"]["spec"]
    assert spec["restartPolicy"] == "OnFailure"
    assert "activeDeadlineSeconds" not in made["spec"]
    tries_a_day = 24 * 3600 / 10  # with pauses of 10 s at first, 5 minutes later on
    assert made["spec"]["backoffLimit"] > 30 * tries_a_day
