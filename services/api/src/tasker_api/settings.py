"""Settings of the API, from the environment."""

import ipaddress
from pathlib import Path

from pydantic import Field, field_validator

from tasker_runtime.settings import MongoSettings, ServiceSettings


class ApiSettings(ServiceSettings, MongoSettings):
    """Where the API listens, and the built web UI that it serves (`TASKER_API_HOST`, `TASKER_API_PORT`, …)."""

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=3000, ge=0, le=65535)
    web_root: Path | None = None
    """Folder of the built web UI; None or empty: only the API is served."""

    @field_validator("api_host")
    @classmethod
    def _loopback(cls, host: str) -> str:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is open to others, and there are no keys yet: the API listens on loopback only")
        return host

    @field_validator("web_root", mode="before")
    @classmethod
    def _none_when_empty(cls, value: object) -> object:
        return value or None
