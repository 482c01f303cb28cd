"""What one run of the command has: the options before its words, the client, and the screen."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import typer

from tasker_cli.connection.target import Options, target
from tasker_cli.errors import USAGE, CommandFailed
from tasker_cli.output.screen import Screen

if TYPE_CHECKING:
    import httpx

    from tasker import Client


class Session:
    """Made before the arguments are read. `transport`: instead of the network, in tests."""

    def __init__(
        self, transport: "httpx.BaseTransport | None" = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._transport, self._environment = transport, environment
        self.screen, self.options = Screen(), Options()
        self.tries_again = True
        """Whether a request that fails is tried again; set before the client is asked for."""

    @cached_property
    def client(self) -> "Client":
        """The client of the REST API, made when it is asked for. Raises CommandFailed when it can't be."""
        import httpx  # not needed for help and completion, and most of the time that these take

        from tasker import Client
        from tasker.rest.request_policy import RequestPolicy

        policy = RequestPolicy() if self.tries_again else RequestPolicy(retries=0, decision_seconds=0)
        found = target(self.options, self._environment)
        try:
            url = httpx.URL(found.url)
        except httpx.InvalidURL as error:
            raise CommandFailed(f"{found.url!r} is no URL: {error}", USAGE) from None
        if url.scheme not in ("http", "https") or not url.host:
            raise CommandFailed(f"{found.url!r} is no URL: give one such as https://tasker.example", USAGE)
        return Client(found.url, key=found.key, actor=self.options.actor, policy=policy, transport=self._transport)

    def close(self) -> None:
        """Close what was opened."""
        if "client" in self.__dict__:
            self.client.close()


def session_of(context: typer.Context) -> Session:
    """The session that the command runs in."""
    session = context.find_object(Session)
    assert session is not None, "main gives it to every command"
    return session
