"""What is done to a release while its tasks are due. Each ends when every service is as it should be again."""

import random
from collections.abc import Callable

from tests.cluster.release import SERVICES, ClusterFailure, Release, passing, say

Disturbance = Callable[[Release], None]
BACKENDS = "app.kubernetes.io/component notin (kafka,mongodb)"


def rolling_restart(service: str) -> Disturbance:
    """Replace all pods of a service, as an upgrade does."""

    def disturb(release: Release) -> None:
        release.kubectl("rollout", "restart", release.workload(service))
        release.until_ready()

    return disturb


def pod_deletions(seconds: float, every_seconds: float, seed: int) -> Disturbance:
    """Delete a random pod of the services every so many seconds."""

    def disturb(release: Release) -> None:
        chance, due = random.Random(seed), 0.0
        for passed in passing(seconds):
            if passed >= due:
                pod = chance.choice(release.pods())
                say(f"    {passed:5.0f} s: deleting {pod}")
                release.kubectl("delete", "pod", pod, "--wait=false", "--ignore-not-found")
                due += every_seconds
        release.until_ready()

    return disturb


def node_drain(release: Release) -> None:
    """Drain the node of a ticker, the backends to try with apart, which exist once; then let it be used again.

    Where there is no other node the drain can't end: the disruption budgets keep the last pod of each service.
    """
    node = release.get("pod", f"{release.name}-ticker-0")["spec"]["nodeName"]
    selector = f"app.kubernetes.io/instance={release.name},{BACKENDS}"
    options = ("--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s", "--pod-selector", selector)
    try:
        printed = release.kubectl("drain", node, *options, may_fail=True)
        evicted = sum(line.endswith("evicted") for line in printed.splitlines())
        say(f"    {node}: {evicted} pods evicted; {printed.strip().splitlines()[-1][:160]}")
    finally:
        release.kubectl("uncordon", node)
    release.until_ready()


def scaling(release: Release) -> None:
    """One executor, then four, then two."""
    for number in (1, 4, 2):
        release.kubectl("scale", release.workload("executor"), f"--replicas={number}")
        release.until_ready()


def upgrade(tag: str) -> Disturbance:
    """Upgrade the release to another tag of its images."""

    def disturb(release: Release) -> None:
        chart = "deploy/helm/tasker"
        options = ("--reset-then-reuse-values", "--set-string", f"image.tag={tag}", "--wait", "--timeout", "10m")
        release.helm("upgrade", release.name, chart, *options)
        release.until_ready()
        images = {pod["spec"]["containers"][0]["image"] for pod in (release.get("pod", p) for p in release.pods())}
        if others := {image for image in images if not image.endswith(f":{tag}")}:
            raise ClusterFailure(f"after the upgrade to {tag} there are still {sorted(others)}")

    return disturb


def all_disturbances(minutes: float, seed: int, tag: str | None) -> dict[str, Disturbance]:
    """All of them by name; the upgrade only when a tag is given."""
    return {
        **{f"restart {service}": rolling_restart(service) for service in SERVICES},
        "pod deletions": pod_deletions(minutes * 60, 10, seed),
        "node drain": node_drain,
        "scale 1-4-2": scaling,
        **({"upgrade": upgrade(tag)} if tag else {}),
    }
