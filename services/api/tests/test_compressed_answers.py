"""Large answers are compressed for those who take it; their tags are those of what is in them."""

import gzip

import httpx

from tasker_api.app import COMPRESSED_BYTES, create_app
from tasker_api.settings import ApiSettings
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

DOCUMENT = "/api/v1/openapi.json"


def client(accepted: str) -> httpx.AsyncClient:
    app = create_app(ApiSettings(), None, Health(), configure("api", "console"))
    headers = {"Accept-Encoding": accepted}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers)


async def test_a_large_answer_is_compressed_and_has_the_same_tag() -> None:
    async with client("gzip, br") as takes, client("identity") as takes_not:
        plain = await takes_not.get(DOCUMENT)
        assert len(plain.content) > COMPRESSED_BYTES
        assert "content-encoding" not in plain.headers
        async with takes.stream("GET", DOCUMENT) as compressed:
            raw = b"".join([part async for part in compressed.aiter_raw()])
        assert compressed.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in compressed.headers["vary"].lower()
        assert int(compressed.headers["content-length"]) == len(raw) < len(plain.content) / 4
        assert gzip.decompress(raw) == plain.content
        assert compressed.headers["etag"] == plain.headers["etag"]
        known = await takes.get(DOCUMENT, headers={"If-None-Match": plain.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")


async def test_a_small_answer_stays_as_it_is() -> None:
    async with client("gzip") as takes:
        answer = await takes.get("/healthz")
        assert answer.content
        assert "content-encoding" not in answer.headers
