"""Serves the built web UI: its files, and the page for every other path, so that deep links work."""

import secrets
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGE: Final = "index.html"
NONCE: Final = "%STYLE_NONCE%"
"""Where the page wants the nonce by which it makes styles (web/src/app/styleNonce.ts)."""
COMPRESSED: Final = {"br": ".br", "gzip": ".gz"}
"""What the build has compressed (web/vite.config.ts), by the word in Accept-Encoding, the smaller first."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy: nothing from elsewhere, nothing inline, no frame (deploy/docker/web has the same)."""
SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class WebUi(StaticFiles):
    """The files under one folder. Hashed assets are kept by browsers, the rest is requested anew."""

    def __init__(self, root: Path) -> None:
        if not (root / PAGE).is_file():
            raise FileNotFoundError(f"no web UI in {root}: build it with `make setup`, or leave TASKER_WEB_ROOT empty")
        super().__init__(directory=root, html=True)
        self._root = root

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the page that shows the path."""
        is_asset = path.startswith("assets/")
        response = None if path in (".", "", PAGE) else await self._file(path, scope)
        if response is None:
            response = self._page()
        response.headers.update(SECURITY)
        is_kept = is_asset and response.status_code in (200, 206, 304)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_kept else "no-cache"
        return response

    async def _file(self, path: str, scope: Scope) -> Response | None:
        """The file of this name, compressed where the browser takes it; None where the page is to show the path."""
        try:
            plain = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(("api/", "assets/")):
                raise
            return None
        if not isinstance(plain, FileResponse):
            return plain  # 304: what the browser has is current
        accepted = _accepted(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, suffix in COMPRESSED.items():
            if encoding not in accepted:
                continue
            full_path, found = self.lookup_path(path + suffix)
            if found:
                compressed = self.file_response(full_path, found, scope)
                compressed.headers["Content-Type"] = plain.headers["Content-Type"]
                compressed.headers["Content-Encoding"] = encoding
                compressed.headers["Vary"] = "Accept-Encoding"
                return compressed
        plain.headers["Vary"] = "Accept-Encoding"
        return plain

    def _page(self) -> Response:
        nonce = secrets.token_urlsafe(16)
        text = (self._root / PAGE).read_text(encoding="utf-8").replace(NONCE, nonce)
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})


def _accepted(header: str) -> set[str]:
    """The encodings that a browser takes (RFC 9110, 12.5.3): those named without a weight of 0."""
    named = (part.strip().lower().partition(";") for part in header.split(","))
    return {name.strip() for name, _, weight in named if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00")}
