"""The built web UI beside the API: files as they are, deep links to the page, and no page for what the API lacks."""

import re
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


async def test_the_page_lets_nothing_from_elsewhere_in_and_is_in_no_frame(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<meta name="style-nonce" content="%STYLE_NONCE%"><title>Tasker</title>')
    app = create_app(ApiSettings(web_root=tmp_path), None, Health(), configure("api", "console"))
    nonces = set[str]()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        for path in ("/", "/index.html", "/tasks/a"):
            page = await client.get(path)
            policy = page.headers["content-security-policy"]
            [nonce] = re.findall(r"'nonce-([^']+)'", policy)
            nonces.add(nonce)
            assert f'content="{nonce}"' in page.text
            assert "default-src 'none'; script-src 'self';" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["x-frame-options"] == "DENY"
            assert page.headers["referrer-policy"] == "no-referrer"
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip;q=1.0", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None)],
)
async def test_what_the_build_has_compressed_is_sent_so(tmp_path: Path, accepted: str, encoding: str | None) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Tasker</title>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("plain")
    (tmp_path / "assets" / "app-1a2b.js.gz").write_bytes(b"gzipped")
    (tmp_path / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    app = create_app(ApiSettings(web_root=tmp_path), None, Health(), configure("api", "console"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        async with client.stream("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["cache-control"]
        assert raw == {"br": b"brotli", "gzip": b"gzipped", None: b"plain"}[encoding]
        again = {"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]}
        assert (await client.get("/assets/app-1a2b.js", headers=again)).status_code == 304


def test_a_missing_build_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        WebUi(tmp_path)
