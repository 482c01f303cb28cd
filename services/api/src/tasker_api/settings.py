"""Settings of the API, from the environment."""

from pathlib import Path
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from tasker_runtime.settings import CallbackSettings, MongoSettings, ServiceSettings


def _names(value: object) -> object:
    """The lower-case names of a comma-separated text. Raises ValueError naming the one that is none."""
    if not isinstance(value, str):
        return value
    names = frozenset(filter(None, (part.strip().lower() for part in value.split(","))))
    for name in names:
        if set(name) & set("*/: "):
            raise ValueError(
                f"{name!r} is no host name: give names without scheme and port, tasker.example.com,tasker-api"
            )
    return names


class ApiSettings(ServiceSettings, MongoSettings, CallbackSettings):
    """Where the API listens, and the built web UI that it serves (`TASKER_API_HOST`, `TASKER_API_PORT`, …)."""

    SERVICE: ClassVar[str | None] = "api"

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=3000, ge=0, le=65535)
    api_allowed_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_names)] = frozenset()
    """Names by which the API may be called besides localhost, comma-separated and without ports."""
    api_max_streams: int = Field(default=1000, ge=0)
    """So many streams of changes may be open at once in one process; others are asked to come later."""
    canary_seconds: int | None = Field(default=None, ge=10, le=86_400)
    """How often a canary runs in each partition; None: there are none."""
    dead_man_url: SecretStr | None = None
    """Called every minute while nothing is red; None: nobody is."""
    web_root: Path | None = None
    """Folder of the built web UI; None or empty: only the API is served."""

    @field_validator("dead_man_url")
    @classmethod
    def _http(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value() if url else "http://host")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("no URL of http or https, such as https://ping.example.com/your-check")
        return url

    @field_validator("web_root", mode="before")
    @classmethod
    def _none_when_empty(cls, value: object) -> object:
        return value or None

    def listens_on(self) -> tuple[str, ...]:
        """Its own port, and that of health and metrics."""
        return ("api_host", *super().listens_on())
