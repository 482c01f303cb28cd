"""Counts and times requests, around everything else that answers them."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tasker_api import metrics

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"


def is_event_stream(message: Message) -> bool:
    """Whether the answer that begins here goes on until one side has enough."""
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"])


class RequestMetrics:
    """Counts each request once it is answered. Labels are bounded, whatever is asked. A stream of events is answered
    when it begins.

    `prefix` is what all routes of the API begin with; `now` gives monotonic seconds.
    """

    def __init__(self, app: ASGIApp, prefix: str, now: Callable[[], float] = monotonic) -> None:
        self._app, self._prefix, self._now = app, prefix, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began, counted = 500, self._now(), False  # what an unforeseen error is answered with, further out

        def count() -> None:
            nonlocal counted
            if counted:
                return
            counted = True
            metrics.IN_FLIGHT.dec()
            method = scope["method"] if scope["method"] in METHODS else OTHER
            route = self._template(scope)
            metrics.REQUESTS.labels(method, route, str(status)).inc()
            metrics.DURATION.labels(method, route).observe(self._now() - began)

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if is_event_stream(message):
                    count()
            await send(message)

        metrics.IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, send_noting)
        finally:
            count()

    def _template(self, scope: Scope) -> str:
        """The template of the route that was found: the router's own, which lacks the prefix it was included with."""
        template: str | None = getattr(scope.get("route"), "path", None)
        if template is None:
            return OTHER
        included = scope["path"].startswith(f"{self._prefix}/") and not template.startswith(self._prefix)
        return self._prefix + template if included else template
