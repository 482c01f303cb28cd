"""By which names the API may be called, and from which pages."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from tasker_api.access.page_origin import is_origin_at
from tasker_api.problems import Problem

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class HostCheck:
    """Refuses `Host` names that are not its own (DNS rebinding) and foreign `Origin`s (cross-site requests).

    Its own are those of this machine, and `allowed`: names in lower case, without ports. `origins` may call it, too.
    """

    def __init__(self, app: ASGIApp, allowed: frozenset[str], origins: frozenset[str] = frozenset()) -> None:
        self._app, self._own, self._origins = app, LOCAL | allowed, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            headers: dict[bytes, bytes] = dict(scope["headers"])
            host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin", b"").decode("latin-1")
            if _name(host) not in self._own:
                detail = (
                    f"the host {host!r} is not known here: call it as localhost, or name it in TASKER_API_ALLOWED_HOSTS"
                )
                await Problem(421, detail).response()(scope, receive, send)
                return
            if origin and not is_origin_at(origin, host) and origin not in self._origins:
                detail = (
                    f"a page of {origin} may not call this API: open Tasker's own page, or name the origin in "
                    "TASKER_API_ALLOWED_ORIGINS"
                )
                await Problem(403, detail).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str | None:
    """The name in a Host header, in lower case."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
