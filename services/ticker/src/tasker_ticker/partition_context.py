"""What the owners of all partitions of a process share."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from tasker_core.chains.graph import ChainLinks
from tasker_core.topics import Topics
from tasker_runtime.clock import Clock
from tasker_runtime.handler_registry_reader import HandlerValidator
from tasker_runtime.health import Health
from tasker_runtime.kafka.lost_records import LostRecords
from tasker_runtime.logs import Log
from tasker_ticker.kafka.event_decoder import CalendarFollower, EventDecoder
from tasker_ticker.kafka.interfaces import CommittedReader
from tasker_ticker.kafka.transaction import FencedProducer
from tasker_ticker.lead_time import LeadTime
from tasker_ticker.spans import TickerSpans
from tasker_ticker.state_copies.state_copies import StateCopies
from tasker_ticker.ticker_limits import TickerLimits

RESTORES_AT_ONCE: Final = 3
"""So that the first partitions fire before the last ones are read."""


class TickerClients(Protocol):
    """The Kafka clients of a process."""

    @property
    def handlers(self) -> HandlerValidator:
        """The handlers that can run."""
        ...

    @property
    def chains(self) -> ChainLinks:
        """The chains of all partitions, as far as they are read."""
        ...

    @property
    def calendars(self) -> CalendarFollower:
        """The calendars of all partitions, as far as they are read."""
        ...

    @property
    def decoder(self) -> EventDecoder:
        """Decodes the events of every partition."""
        ...

    def reader(self) -> CommittedReader:
        """A new reader, not started."""
        ...

    def producer(self, partition: int) -> FencedProducer:
        """A new producer of a partition, not started."""
        ...


@dataclass(frozen=True, slots=True)
class PartitionContext:
    """What the owners of all partitions of a process share.

    `background_rate`: runs a second of one partition in the background lane. `prove(p)` raises when partition p is no
    longer this member's. `owner` is the name of the process, `spans` records
    traces, `public_url` is where people reach the web UI; `lost` is told of events that Kafka has lost; a start begins
    with the local `copies` of the state, where there are some.
    """

    topics: Topics
    partitions: int
    background_rate: int
    clients: TickerClients
    prove: Callable[[int], Awaitable[None]]
    clock: Clock
    health: Health
    log: Log
    limits: TickerLimits
    spans: TickerSpans | None = None
    public_url: str | None = None
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    lead_time: LeadTime = field(default_factory=LeadTime)
    lost: LostRecords | None = None
    copies: StateCopies | None = None
    restoring: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RESTORES_AT_ONCE))
