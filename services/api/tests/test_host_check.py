"""Where an API without keys listens, and by which names and from which pages it may be called."""

from pathlib import Path

import httpx
import pytest

from tasker_api.app import create_app
from tasker_api.settings import ApiSettings
from tasker_runtime.health import Health
from tasker_runtime.logs import configure


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "my-machine"])
def test_without_keys_it_listens_on_loopback_only(host: str) -> None:
    for allow_open in (False, True):
        with pytest.raises(ValueError, match=r"(?s)TASKER_API_HOST.*tasker keys create.*TASKER_API_KEYS_FILE"):
            ApiSettings(api_host=host, allow_open=allow_open)
    assert ApiSettings(api_host=host, api_keys_file=Path("keys.json")).api_host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_is_always_allowed(host: str) -> None:
    assert ApiSettings(api_host=host).api_host == host


def test_names_of_hosts_are_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_API_ALLOWED_HOSTS", "Tasker.example.com, tasker-api,")
    assert ApiSettings().api_allowed_hosts == {"tasker.example.com", "tasker-api"}
    monkeypatch.setenv("TASKER_API_ALLOWED_HOSTS", "https://tasker.example.com")
    with pytest.raises(ValueError, match=r"(?s)api_allowed_hosts.*without scheme and port"):
        ApiSettings()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:3000", None, 200),
        ("[::1]:3000", None, 200),
        ("Tasker.Example.com", "https://Tasker.Example.com", 200),
        ("tasker.example.com:8443", "https://tasker.example.com:8443", 200),
        ("evil.example.com", None, 421),
        ("tasker.example.com.evil.com", None, 421),
        ("", None, 421),
        ("[::1", None, 421),
        ("localhost:3000", "http://evil.example.com", 403),
        ("localhost:3000", "null", 403),
        ("tasker.example.com", "http://localhost", 403),
        ("localhost:3000", "http://[", 403),
        ("localhost:3000", "http://[localhost:3000", 403),
    ],
)
async def test_only_its_own_names_and_pages(host: str, origin: str | None, status: int) -> None:
    settings = ApiSettings(api_allowed_hosts=frozenset({"tasker.example.com"}))
    app = create_app(settings, None, Health(), configure("api", "console"))
    headers = {"host": host} | ({"origin": origin} if origin else {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/healthz", headers=headers)
    assert answer.status_code == status
    if status == 421:
        assert "TASKER_API_ALLOWED_HOSTS" in answer.json()["detail"]
