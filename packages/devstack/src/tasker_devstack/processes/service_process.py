"""The four services as processes: which command, which settings, and whether they are ready."""

import asyncio
import contextlib
import http.client
import json
import sys
from collections.abc import Callable, Mapping

from tasker_devstack.processes.child_process import ChildProcess
from tasker_devstack.processes.ports import HOST

READINESS_SECONDS = 2
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
    connection = http.client.HTTPConnection(HOST, port, timeout=READINESS_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:  # also one that ends in the middle of its answer
        return False, f"does not answer ({error!r})"
    finally:
        connection.close()
    if answer.status == 200:
        return True, "ready"
    with contextlib.suppress(ValueError):
        checks = json.loads(body).get("checks", {})
        return False, "; ".join(f"{name}: {detail}" for name, detail in checks.items() if detail != "ok")
    return False, f"answers {answer.status}"
