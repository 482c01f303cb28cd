"""The built web UI beside the API: files as they are, deep links to the page, and no page for what the API lacks."""

from pathlib import Path

import httpx
import pytest

from tasker_api.app import create_app
from tasker_api.settings import ApiSettings
from tasker_api.static_ui import WebUi
from tasker_runtime.health import Health
from tasker_runtime.logs import configure


async def test_deep_links_get_the_page_and_assets_are_kept(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Tasker</title>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("1")
    health = Health()
    health.expect("something")
    app = create_app(ApiSettings(web_root=tmp_path), None, health, configure("api", "console"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for path in ("/", "/tasks/a.b", "/runs/x?state=failed"):
            page = await client.get(path)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
            assert "Tasker" in page.text
        assert "immutable" in (await client.get("/assets/app-1a2b.js")).headers["cache-control"]
        assert (await client.get("/assets/missing.js")).status_code == 404
        assert (await client.get("/api/v1/nothing")).headers["content-type"] == "application/problem+json"
        assert (await client.get("/../pyproject.toml")).text == "<title>Tasker</title>"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


def test_a_missing_build_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        WebUi(tmp_path)
