"""A release of the chart in the current context of kubectl."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from tasker_devstack.paths import ROOT
from tasker_devstack.polling import pause
from tasker_devstack.processes.ports import free_port

READY_SECONDS = 600
SERVICES = ("ticker", "executor", "log-sink", "api", "web")


class ClusterFailure(Exception):
    """kubectl or helm refuses, or something does not come in time; the message says what."""


@dataclass(frozen=True, slots=True)
class Release:
    """Its name and namespace. Names of the chart's resources begin with the name."""

    name: str
    namespace: str

    def kubectl(self, *words: str, stdin: str | None = None, may_fail: bool = False) -> str:
        """What kubectl prints. Raises ClusterFailure when it fails, unless that may be."""
        return run(["kubectl", "--namespace", self.namespace, *words], stdin, may_fail)

    def helm(self, *words: str) -> str:
        """What helm prints. Raises ClusterFailure."""
        own = ROOT / ".tasker" / "bin" / "helm"
        program = os.environ.get("HELM") or shutil.which("helm") or str(own)
        return run([program, "--namespace", self.namespace, *words], None, may_fail=False)

    def get(self, *words: str) -> Any:
        """A resource, or a list of them, as kubectl gives it in JSON."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def workload(self, service: str) -> str:
        """The workload of a service, as kubectl names it."""
        return f"{'statefulset' if service == 'ticker' else 'deployment'}/{self.name}-{service}"

    def pods(self) -> list[str]:
        """The pods of Tasker's own services that are not on their way out."""
        selector = f"app.kubernetes.io/instance={self.name},app.kubernetes.io/component in ({','.join(SERVICES)})"
        items = self.get("pods", "-l", selector)["items"]
        return [pod["metadata"]["name"] for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def first_admin_key(self) -> str:
        """What the chart made when it was installed."""
        return b64decode(self.get("secret", f"{self.name}-api-keys")["data"]["first-admin-key"]).decode()

    def until_ready(self) -> None:
        """Wait until every service is as it should be. Raises ClusterFailure."""
        for service in SERVICES:
            self.kubectl("rollout", "status", self.workload(service), f"--timeout={READY_SECONDS}s")

    @contextmanager
    def forwarded(self) -> Generator[str]:
        """The URL of the web service on this machine, for as long as its pod lives."""
        port = free_port()
        command = ["kubectl", "-n", self.namespace, "port-forward", f"service/{self.name}-web", f"{port}:8080"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as forward:
            try:
                assert forward.stdout is not None
                if "Forwarding from" not in (line := forward.stdout.readline()):
                    raise ClusterFailure(f"no way to {self.name}-web: {line.strip()}")
                yield f"http://localhost:{port}"
            finally:
                forward.terminate()


def run(command: list[str], stdin: str | None, may_fail: bool) -> str:
    """What a program prints. Raises ClusterFailure."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode and not may_fail:
        raise ClusterFailure(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout + (done.stderr if may_fail else "")


def passing(seconds: float) -> Iterator[float]:
    """The seconds that have passed, again and again until so many have."""
    began = monotonic()
    while (passed := monotonic() - began) < seconds:
        yield passed
        pause()


def say(text: str) -> None:
    """A line of progress."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
