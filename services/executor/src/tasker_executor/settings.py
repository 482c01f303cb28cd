"""Settings of the executor, from the environment."""

import ssl
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from tasker_executor.partition.priority_lanes import background_share
from tasker_runtime.settings import CallbackSettings, ServiceSettings, base_url


def _networks(value: object) -> object:
    """The networks of a comma-separated text. Raises ValueError naming the one that is invalid."""
    if not isinstance(value, str):
        return value
    networks: list[IPv4Network | IPv6Network] = []
    for text in filter(None, (part.strip() for part in value.split(","))):
        try:
            networks.append(ip_network(text))
        except ValueError as error:
            raise ValueError(f"{error}; give networks such as 127.0.0.0/8,10.1.0.0/16,fd00::/8") from None
    return tuple(networks)


def _authorities(file: Path | None) -> Path | None:
    """The file, when it holds authorities. Raises ValueError."""
    if file is not None:
        try:
            ssl.create_default_context(cafile=str(file))
        except (OSError, ValueError):
            raise ValueError("holds no certificate in PEM, or can't be read") from None
    return file


class ExecutorSettings(ServiceSettings, CallbackSettings):
    """The settings of the executor alone."""

    SERVICE: ClassVar[str | None] = "executor"

    executor_concurrency: int = Field(default=200, ge=1, le=10_000)
    """Runs at once; the background lane gets at most half of them."""
    executor_processes: int | None = Field(default=None, ge=1, le=1_000)
    """Processes at once for plug-ins in mode `process`; by default as many as there are processors."""
    executor_allow_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)] = ()
    """Networks that `curl` and `http` may call though they are not public, comma-separated in CIDR form."""
    executor_per_host: int = Field(default=50, ge=1, le=10_000)
    """Runs that call one host and port at once, per executor; half as many more of the background lane."""
    executor_secrets_dir: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = None
    """A directory with a file for each secret that tasks refer to (`secret://name`)."""
    executor_ca_file: Annotated[
        Path | None, BeforeValidator(lambda value: value or None), AfterValidator(_authorities)
    ] = None
    """Authorities (PEM) that calls of `curl` and `http` trust besides the usual ones."""

    callback_base_url: Annotated[str | None, AfterValidator(base_url)] = None
    """Where the targets of `http` reach the API, such as https://tasker.example.com: they report there how a call has
    ended that they answered with 202."""

    @property
    def connections_per_host(self) -> int:
        """As many connections as runs may call a host: none waits for one while its time-out runs."""
        return self.executor_per_host + background_share(self.executor_per_host)
