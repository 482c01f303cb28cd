"""Who may talk to an API without keys: programs and pages of this very machine, and no page from elsewhere."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from tasker_api.problems import Problem

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class LocalOnly:
    """Refuses foreign `Host` names (DNS rebinding) and foreign `Origin`s (cross-site requests)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            headers: dict[bytes, bytes] = dict(scope["headers"])
            host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin", b"").decode("latin-1")
            if not _is_local(f"//{host}"):
                detail = f"the host {host!r} is not this machine's: call it as localhost"
                await Problem(421, detail).response()(scope, receive, send)
                return
            if origin and urlsplit(origin).netloc != host:
                detail = f"a page of {origin} may not call this API; open Tasker's own page"
                await Problem(403, detail).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_local(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOCAL
    except ValueError:
        return False
