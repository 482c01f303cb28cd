"""Settings of the API, from the environment."""

from pathlib import Path
from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from tasker_runtime.settings import CallbackSettings, MongoSettings, ServiceSettings, is_loopback


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


def _origins(value: object) -> object:
    """The origins of a comma-separated text, as browsers write them. Raises ValueError naming the one that is none."""
    if not isinstance(value, str):
        return value
    origins = frozenset(filter(None, (part.strip().lower().rstrip("/") for part in value.split(","))))
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"{origin!r} is no origin: give scheme, host and port, such as https://portal.example.com")
    return origins


class ApiSettings(ServiceSettings, MongoSettings, CallbackSettings):
    """Where the API listens, and the built web UI that it serves (`TASKER_API_HOST`, `TASKER_API_PORT`, …)."""

    SERVICE: ClassVar[str | None] = "api"

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=3000, ge=0, le=65535)
    api_allowed_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_names)] = frozenset()
    """Names by which the API may be called besides localhost, comma-separated and without ports."""
    api_keys_file: Path | None = None
    """JSON: the keys by which callers are known, and what each may do. None: everybody may do everything."""
    api_allowed_origins: Annotated[frozenset[str], NoDecode, BeforeValidator(_origins)] = frozenset()
    """Origins of pages, besides its own, from which browsers may call the API, comma-separated."""
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

    @field_validator("api_keys_file", mode="before")
    @classmethod
    def _no_file_when_empty(cls, value: object) -> object:
        return value or None

    @model_validator(mode="after")
    def _keys_beyond_loopback(self) -> Self:
        if self.api_keys_file is None and not is_loopback(self.api_host):
            raise ValueError(
                f"TASKER_API_HOST: {self.api_host} is open to others, who may do everything as long as there are no "
                "keys. Make one with `tasker keys create admin --role admin --file keys.json`, and set "
                "TASKER_API_KEYS_FILE=keys.json; or listen on 127.0.0.1 only"
            )
        return self
