"""Who calls: what requests show, and what is made of all that is no key."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from tasker_api.access.credentials import COOKIE
from tasker_api.testing.issued_keys import MADE, IssuedKeys
from tasker_api.testing.running_api import RunningApi

PREVIEW = {"schedule": {"cron": "0 9 * * *"}}
ORIGIN = "https://portal.example.com"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> IssuedKeys:
    """A viewer and others."""
    keys = IssuedKeys(tmp_path_factory.mktemp("keys") / "keys.json")
    keys.issue("ann", "viewer")
    keys.issue("late", "viewer", expires_at=MADE)
    keys.issue("eager", "viewer", requests_per_second=0.05)
    keys.issue("calm", "viewer", requests_per_second=0.05)
    keys.issue("Boss", "admin", tags=())
    return keys


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def client(issued: IssuedKeys) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API with keys and no backends."""
    nowhere, origins = ("127.0.0.1:1", "none", "mongodb://127.0.0.1:1/none"), frozenset({ORIGIN})
    api = RunningApi(*nowhere, api_keys_file=issued.file, api_allowed_origins=origins)
    async with api.client() as found:
        yield found
    await api.close()


async def preview(client: httpx.AsyncClient, **options: object) -> httpx.Response:
    """What a viewer may ask for, answered without backends."""
    return await client.post("/schedules/preview", json=PREVIEW, **options)  # pyright: ignore[reportArgumentType]


async def test_a_key_in_the_header_is_taken(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    for shown in (f"Bearer {key}", f"bearer {key}", f"BEARER   {key} "):
        assert (await preview(client, headers={"Authorization": shown})).status_code == 200


async def test_without_a_key_it_says_what_it_takes(client: httpx.AsyncClient) -> None:
    answer = await preview(client)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer tsk_" in answer.json()["detail"]


HOSTILE = {
    "Basic": "Basic YWRtaW46YWRtaW4=",
    "no scheme": "tsk_00000000_AnnSecretxxxxxxxxxxxxxxxxxxxxxxx",
    "nothing behind the scheme": "Bearer ",
    "unknown id": f"Bearer tsk_zzzzzzzz_{'x' * 32}",
    "wrong secret": f"Bearer tsk_00000000_{'y' * 32}",
    "a secret cut short": "Bearer tsk_00000000_AnnSecret",
    "the key of another prefix": f"Bearer xyz_00000000_{'x' * 32}",
    "two keys": f"Bearer tsk_00000000_{'x' * 32} tsk_00000001_{'x' * 32}",
    "another line": f"Bearer tsk_00000000_{'x' * 32}\tx",
    "1 MB": f"Bearer tsk_00000000_{'x' * 1_000_000}",
    "unicode": "Bearer tsk_00000000_ключ",
    "digits of another script": f"Bearer tsk_٠٠٠٠٠٠٠٠_{'x' * 32}",
    "control characters": "Bearer tsk_\x01",
    "null": "Bearer null",
}


@pytest.mark.parametrize("shown", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_no_key_is_refused_and_not_shown_again(client: httpx.AsyncClient, shown: str) -> None:
    answer = await preview(client, headers=[(b"Authorization", shown.encode())])
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    secret = shown.partition(" ")[2]
    assert len(secret) < 8 or secret not in answer.text


async def test_unknown_and_wrong_keys_are_told_in_the_same_words(client: httpx.AsyncClient) -> None:
    answers = [await preview(client, headers={"Authorization": HOSTILE[one]}) for one in ("unknown id", "wrong secret")]
    assert answers[0].json() == answers[1].json()


async def test_two_headers_are_refused_even_when_one_is_right(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    right = ("Authorization", issued.header("ann")["Authorization"])
    for headers in ([right, right], [right, ("Authorization", "Basic eDp5")]):
        answer = await preview(client, headers=headers)
        assert answer.status_code == 401
        assert "2 headers" in answer.json()["detail"]


async def test_a_key_whose_time_is_over(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    answer = await preview(client, headers=issued.header("late"))
    assert answer.status_code == 401
    assert "the key 'late' has expired at 2026-01-01T00:00:00.000Z" in answer.json()["detail"]


async def test_a_key_in_the_url_is_refused_with_and_without_one_in_the_header(
    client: httpx.AsyncClient, issued: IssuedKeys
) -> None:
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    for path in (
        f"/handlers?api_key={key}",
        f"/handlers?{key}",
        f"/handlers?a={quote(key[:5]) + quote(key[5:]).replace('S', '%53')}",
        f"/tasks/{key}",
        f"/journal/{key}",
    ):
        for headers in ({}, issued.header("ann")):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 400, path
            assert "revoke it" in answer.json()["detail"]
            assert key not in answer.text
    for path in (f"/nothing/{key}", f"/session/{key}"):
        assert key not in (await client.get(path, headers=issued.header("ann"))).text


async def test_a_viewer_plans_an_import_and_does_not_apply_it(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    headers = issued.header("ann") | {"Content-Type": "text/x-crontab"}
    for plan in ({}, {"plan": "x"}):
        answer = await client.post("/imports", params={"mode": "apply", **plan}, content="", headers=headers)
        assert answer.status_code == 403
        assert "takes the role operator" in answer.json()["detail"]


async def test_an_admin_sees_whose_keys_there_are_and_nobody_a_key(
    client: httpx.AsyncClient, issued: IssuedKeys, lone_client: httpx.AsyncClient
) -> None:
    answer = await client.get("/keys", headers=issued.header("Boss"))
    found = answer.json()
    assert (found["keys"], found["trouble"]) == (True, None)
    assert [key["name"] for key in found["items"]] == ["ann", "Boss", "calm", "eager", "late"]
    assert found["items"][4] == {
        "id": "00000001",
        "name": "late",
        "role": "viewer",
        "tags": [],
        "requests_per_second": None,
        "created_at": "2026-01-01T00:00:00.000Z",
        "expires_at": "2026-01-01T00:00:00.000Z",
        "is_expired": True,
    }
    assert "tsk_" not in answer.text
    assert "sha256" not in answer.text
    assert (await client.get("/keys", headers=issued.header("ann"))).status_code == 403
    assert (await lone_client.get("/keys")).json() == {"keys": False, "items": [], "trouble": None}


async def test_so_many_requests_a_second(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    answers = [await preview(client, headers=issued.header("eager")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert 1 < int(answers[1].headers["retry-after"]) <= 20
    assert "may make 0.05 requests a second" in answers[1].json()["detail"]
    assert (await preview(client, headers=issued.header("ann"))).status_code == 200


async def test_who_is_over_the_limit_is_still_known(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    """Else the web UI would ask for a key. To be asked who they are costs them no request."""
    calm = issued.header("calm")
    known: dict[str, object] = {"keys": True, "name": "calm", "role": "viewer", "tags": []}
    for _ in range(3):
        assert (await client.get("/session", headers=calm)).json() == known
    assert [(await preview(client, headers=calm)).status_code for _ in range(2)] == [200, 429]
    assert (await client.get("/session", headers=calm)).json() == known


async def test_signing_in_sets_a_cookie_that_no_script_and_no_other_site_has(
    client: httpx.AsyncClient, issued: IssuedKeys
) -> None:
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    before = await client.get("/session")
    assert before.json() == {"keys": True, "name": None, "role": None, "tags": []}
    answer = await client.post("/session", json={"key": f" {key}\n"})
    assert answer.json() == {"keys": True, "name": "ann", "role": "viewer", "tags": []}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}={key}; ")
    flags = set(cookie.split("; ")[1:])
    assert {"HttpOnly", "SameSite=strict", "Path=/api/v1", "Max-Age=604800"} <= flags
    assert "Secure" not in flags
    assert key not in answer.text
    shown = {"Cookie": f"theme=dark; {COOKIE}={key}"}
    client.cookies.clear()
    assert (await preview(client, headers=shown)).status_code == 200
    assert (await client.get("/session", headers=shown)).json()["name"] == "ann"
    assert (await preview(client, headers=shown | {"Authorization": "Bearer x"})).status_code == 401
    ended = await client.delete("/session", headers=shown)
    assert (ended.status_code, "Max-Age=0" in ended.headers["set-cookie"]) == (204, True)


async def test_over_https_the_cookie_stays_there(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    answer = await client.post("/session", json={"key": key}, headers={"Origin": "https://localhost:3000"})
    assert "; Secure" in answer.headers["set-cookie"]
    client.cookies.clear()


@pytest.mark.parametrize("key", ["", "tsk_zzzzzzzz_" + "x" * 32, "ключ", "x" * 100_000])
async def test_a_wrong_key_signs_nobody_in(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/session", json={"key": key})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert not key or key not in answer.text


async def test_a_sign_in_of_another_shape_names_its_field(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    for body in ({}, {"key": 1}, {"key": [key]}, {"key": key, "more": 1}, {key: 1}):
        answer = await client.post("/session", json=body)
        assert answer.status_code == 422
        assert key not in answer.text


async def test_pages_of_other_origins_show_a_key_themselves(client: httpx.AsyncClient, issued: IssuedKeys) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = await client.options("/schedules/preview", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in preflight.headers
    answer = await preview(client, headers=issued.header("ann") | {"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)
    key = issued.header("ann")["Authorization"].removeprefix("Bearer ")
    by_cookie = await preview(client, headers={"Origin": ORIGIN, "Cookie": f"{COOKIE}={key}"})
    assert by_cookie.status_code == 401
    evil = await preview(client, headers=issued.header("ann") | {"Origin": "https://evil.example.com"})
    assert (evil.status_code, "access-control-allow-origin" in evil.headers) == (403, False)
    assert "TASKER_API_ALLOWED_ORIGINS" in evil.json()["detail"]


async def test_without_keys_everybody_is_an_admin(lone_client: httpx.AsyncClient, tmp_path: Path) -> None:
    assert (await preview(lone_client)).status_code == 200
    assert (await lone_client.get("/session")).json() == {"keys": False, "name": None, "role": "admin", "tags": []}
    answer = await lone_client.post("/session", json={"key": "x"})
    assert answer.status_code == 409
    assert "everybody may do everything" in answer.json()["detail"]
