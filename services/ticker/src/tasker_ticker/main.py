"""Wires the ticker and runs it: `python -m tasker_ticker.main`."""

import asyncio
import os
import socket

from tasker_runtime.announcements import FollowedHandlers
from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.dead_letters import DeadLetters
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka import Reader, Sender
from tasker_runtime.logs import Log, configure
from tasker_runtime.process import until_signal
from tasker_ticker.load import Load
from tasker_ticker.membership import Membership
from tasker_ticker.partition import Shell
from tasker_ticker.service import Ticker
from tasker_ticker.settings import TickerSettings
from tasker_ticker.transaction import Transactions, connected

RESTORED_AT_ONCE = 3


async def run(settings: TickerSettings, clock: Clock, health: Health, log: Log, stopping: asyncio.Event) -> None:
    """A ticker, until told to stop."""
    bootstrap, topics, ticker = settings.kafka_bootstrap_servers, settings.topics, Ticker()
    membership = Membership(bootstrap, settings.group("ticker"), topics["task-events"], ticker.assign, health, log)
    sender = Sender(bootstrap)
    handlers = FollowedHandlers(lambda: Reader(bootstrap), topics["handlers"], health, log)
    shell = Shell(
        topics=topics,
        partitions=settings.partitions,
        reader=lambda: Reader(bootstrap),
        transactions=lambda partition: Transactions(connected(bootstrap), topics, partition, clock),
        clock=clock,
        sender=sender,
        dead_letters=DeadLetters(sender, topics["dead-letters"], "ticker"),
        prove=membership.prove,
        owner=f"{socket.gethostname()}-{os.getpid()}",
        background_rate=settings.ticker_background_rate,
        load=Load(),
        restoring=asyncio.Semaphore(RESTORED_AT_ONCE),
        health=health,
        log=log,
        handlers=handlers,
    )
    following = asyncio.create_task(handlers.run())
    try:
        await ticker.run(shell, membership, stopping)
    finally:
        following.cancel()
        await asyncio.wait({following})
    await sender.stop()


async def serve() -> None:
    """A ticker with its health, until a signal."""
    settings, health = TickerSettings(), Health()
    log = configure("ticker", settings.log_format, settings.log_level)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    await until_signal(log, lambda stopping: run(settings, SystemClock(), health, log, stopping))
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve())
