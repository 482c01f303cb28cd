"""Health and metrics of a service, on a port of their own: /healthz, /readyz, /metrics."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from aiohttp import web

from tasker_runtime.clock import monotonic_ms
from tasker_runtime.metrics.definitions import CONTENT_TYPE_LATEST
from tasker_runtime.metrics.service_metrics import exposed

Gates = bool | Literal["start"]
"""Whether a check that does not hold makes the service unready; `start`: until it has held once."""


@dataclass(slots=True)
class Check:
    """One thing that must hold. A loop reports with `ok` or `fail`; with `every_ms` silence counts as failure.

    One that does not gate is red without making the service unready: it serves as before.
    """

    name: str
    every_ms: int | None = None
    gates: Gates = True
    good: bool = False
    detail: str = "not started"
    at_ms: int = 0


class HealthResponse(NamedTuple):
    """What is answered over HTTP: the status, and the JSON body."""

    status: int
    body: dict[str, Any]


class HealthReport(NamedTuple):
    """`live`: no loop with a heartbeat is silent. `ready`: all checks that gate hold. `checks`: the detail of each."""

    live: bool
    ready: bool
    checks: dict[str, str]

    def liveness(self) -> HealthResponse:
        """The response to `/healthz`."""
        return self._response(good=self.live)

    def readiness(self) -> HealthResponse:
        """The response to `/readyz`."""
        return self._response(good=self.ready)

    def _response(self, *, good: bool) -> HealthResponse:
        return HealthResponse(200 if good else 503, {"status": "ok" if good else "failing", "checks": self.checks})


@dataclass(slots=True)
class Health:
    """The checks of a service.

    Live (`/healthz`): no loop with a heartbeat is silent. Ready (`/readyz`): all checks that gate hold, and there are
    some: a service whose parts are not made yet is not ready. Both `ok` and `fail` are heartbeats: a loop that reports
    again and again that Kafka is away lives, and would be helped by no restart. `now_ms` are monotonic milliseconds: a
    step of the machine's clock makes no loop silent, and hides none.
    """

    now_ms: Callable[[], int] = monotonic_ms
    checks: dict[str, Check] = field(default_factory=dict[str, Check])

    def expect(self, name: str, every_ms: int | None = None, *, gates: Gates = True) -> None:
        """Add a check that does not hold until `ok` is called; `every_ms` is the longest silence of a living loop.

        Unless it `gates`, the service is ready though it does not hold. With `start` it gates until it has held once: a
        service that still answers without a backend is not to be taken away with it, as all of its kind would be.
        """
        self.checks[name] = Check(name, every_ms, gates, at_ms=self.now_ms())

    def ok(self, name: str, detail: str = "ok") -> None:
        """The check holds now."""
        check = self.checks[name]
        check.good, check.detail, check.at_ms = True, detail, self.now_ms()
        check.gates = check.gates is True  # what gates the start alone has done so

    def fail(self, name: str, detail: str) -> None:
        """The check does not hold; `detail` gives the reason and what to do."""
        check = self.checks[name]
        check.good, check.detail, check.at_ms = False, detail, self.now_ms()

    def beat(self, name: str) -> None:
        """The loop lives. What its check says stays."""
        self.checks[name].at_ms = self.now_ms()

    def report(self) -> HealthReport:
        """The state of all checks now."""
        silent = self._silent()
        details = {c.name: "silent for too long" if c.name in silent else c.detail for c in self.checks.values()}
        ready = bool(self.checks) and not silent and all(c.good for c in self.checks.values() if c.gates)
        return HealthReport(live=not silent, ready=ready, checks=details)

    def holding(self) -> dict[str, bool]:
        """Of each check whether it holds now."""
        silent = self._silent()
        return {check.name: check.good and check.name not in silent for check in self.checks.values()}

    def _silent(self) -> set[str]:
        now = self.now_ms()
        return {c.name for c in self.checks.values() if c.every_ms is not None and now - c.at_ms > c.every_ms}


class HealthServer:
    """Serves a service's health and metrics over HTTP."""

    def __init__(self, health: Health, host: str, port: int) -> None:
        self._health, self._host, self._port = health, host, port
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def start(self) -> None:
        """Start listening. Raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _json(self._health.report().liveness())

    async def _readyz(self, _request: web.Request) -> web.Response:
        return _json(self._health.report().readiness())

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=exposed(self._health.holding()), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _json(response: HealthResponse) -> web.Response:
    return web.json_response(response.body, status=response.status)
