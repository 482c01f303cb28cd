"""Which handlers there are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from tasker_core.messages import Run
from tasker_executor.handlers.curl import curl_handler
from tasker_executor.handlers.default import default_handler
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.handlers.http import http_handler
from tasker_executor.handlers.kafka import kafka_handler
from tasker_executor.http.called_host import called_place
from tasker_executor.http.secrets.secret_store import Secrets
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.record_producer import RecordProducer

Quick = Callable[[Run], object]
"""A handler that waits for nothing: it runs at once, and holds no slot. Raises Failed, or anything."""
Slow = Callable[[Run], Awaitable[object]]
"""A handler that waits: it holds a slot, for at most the task's time-out. Raises Failed, or anything."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The handlers by name; what they return becomes the result (JSON).

    `calls`: what a run calls that others may call too, such as a host, for those slow handlers that call anything.
    `rests`: by run id, what goes on when an attempt is over and nobody can stop: until its end it keeps the slot.
    """

    quick: dict[str, Quick] = field(default_factory=dict[str, Quick])
    slow: dict[str, Slow] = field(default_factory=dict[str, Slow])
    calls: dict[str, Callable[[Run], str | None]] = field(default_factory=dict[str, Callable[[Run], str | None]])
    rests: dict[str, asyncio.Future[None]] = field(default_factory=dict[str, asyncio.Future[None]])

    def __contains__(self, name: str) -> bool:
        return name in self.quick or name in self.slow

    def called(self, run: Run) -> str | None:
        """What a run calls that others may call too; None when that is nothing."""
        calls = self.calls.get(run.handler)
        return None if calls is None else calls(run)

    def names(self) -> str:
        """All names, for people."""
        return ", ".join(sorted({*self.quick, *self.slow}))


@dataclass(frozen=True, slots=True)
class Means:
    """What the built-in handlers work with. `prefix` is that of Tasker's own topics."""

    lines: ExecutionLog
    session: aiohttp.ClientSession
    secrets: Secrets
    sender: RecordProducer
    prefix: str
    clock: Clock


def built_in(means: Means) -> Registry:
    """The handlers that Tasker brings."""
    session, secrets, clock = means.session, means.secrets, means.clock
    return Registry(
        quick={"default": default_handler(means.lines)},
        slow={
            "curl": curl_handler(session, secrets, clock),
            "http": http_handler(session, secrets, clock),
            "kafka": kafka_handler(means.sender, means.prefix),
        },
        calls={"curl": called_place, "http": called_place},
    )
