"""Serves the built web UI: its files, and index.html for every other path, so that deep links work."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class WebUi(StaticFiles):
    """The files under one folder. Hashed assets are kept by browsers, the rest is requested anew."""

    def __init__(self, root: Path) -> None:
        if not (root / "index.html").is_file():
            raise FileNotFoundError(f"no web UI in {root}: build it with `make setup`, or leave TASKER_WEB_ROOT empty")
        super().__init__(directory=root, html=True)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the page that shows the path."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(("api/", "assets/")):
                raise
            response = await super().get_response("index.html", scope)
        kept = path.startswith("assets/") and response.status_code == 200
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response
