"""The four services as processes: which command, which settings, and whether they are ready."""

import asyncio
import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST

FIRST_METRICS_PORT = 9101
"""Health and metrics of the services under `make run` are at this port and the next ones."""


def service_process(service: str, env: Mapping[str, str], on_line: Callable[[str], None] | None = None) -> ChildProcess:
    """The process of a service, not started yet."""
    module = f"tasker_{service.replace('-', '_')}.main"
    return ChildProcess(service, [sys.executable, "-m", module], env, on_line)


async def readiness(port: int) -> tuple[bool, str]:
    """(whether it is ready, the reason) of the service whose health is served on a port."""
    return await asyncio.to_thread(_readiness, port)


def _readiness(port: int) -> tuple[bool, str]:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=2) as answer:
            return answer.status == 200, "ready"
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError):
            checks = json.loads(error.read()).get("checks", {})
            return False, "; ".join(f"{name}: {detail}" for name, detail in checks.items() if detail != "ok")
        return False, f"answers {error.code}"
    except OSError as error:
        return False, f"does not answer ({error})"
