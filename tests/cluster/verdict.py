"""What `tasker verify` says of a stretch of time, asked in the cluster by a job made from the chart's cron job."""

import json
from dataclasses import dataclass
from time import monotonic
from typing import Any

from tasker_devstack.polling import pause
from tests.cluster.release import ClusterFailure, Release

SETTLED_SECONDS = 20
"""The newest seconds are not judged: what happened in them may not be logged yet."""
JOB_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Verdict:
    """The report of an audit."""

    report: dict[str, Any]

    @property
    def is_right(self) -> bool:
        """Whether every second of every task ran once, in time, and is logged."""
        return bool(self.report["right"])

    def __str__(self) -> str:
        late = self.report["lateness_ms"]
        worst = ", ".join(f"{name} {late[name]['p99']}/{late[name]['worst']}" for name in late if late[name])
        wrong = {kind: count for kind, count in self.report["violations"].items() if count}
        missed = f", {self.report['missed']} missed" if self.report["missed"] else ""
        repeated = (
            f", {self.report['repeated_executions']} executed again" if self.report["repeated_executions"] else ""
        )
        return (
            f"{'right' if self.is_right else f'NOT RIGHT {wrong}'}: {self.report['due']:,} due"
            f"{missed}{repeated}; ms late (p99/worst): {worst}"
        )


def judge(release: Release, name: str, seconds: float, task_prefix: str) -> Verdict:
    """Judge the last seconds. Raises ClusterFailure when that can't be done."""
    job = f"{release.name}-{name}"
    made = release.kubectl(
        "create", "job", job, f"--from=cronjob/{release.name}-verify", "--dry-run=client", "-o", "json"
    )
    manifest: dict[str, Any] = json.loads(made)
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    container["args"] = ["--tasks", task_prefix, "--since", f"{round(seconds)}s", "--strict", "--json"]
    release.kubectl("apply", "-f", "-", stdin=json.dumps(manifest))
    deadline = monotonic() + JOB_SECONDS
    try:
        while not (status := release.get("job", job).get("status", {})).keys() & {"succeeded", "failed"}:
            if monotonic() > deadline:
                raise ClusterFailure(f"{job} does not end: {status}")
            pause()
        printed = release.kubectl("logs", f"job/{job}")
        if "{" not in printed:
            raise ClusterFailure(f"{job}: {printed.strip()}")
        return Verdict(json.loads(printed[printed.index("{") :]))
    finally:
        release.kubectl("delete", "job", job, "--wait=false")
