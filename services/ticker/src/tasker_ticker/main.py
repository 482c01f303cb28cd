"""Wires the ticker and runs it: `python -m tasker_ticker.main`."""

import asyncio
import os
import socket

from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.dead_letters import DeadLetterProducer
from tasker_runtime.handler_registry_reader import HandlerRegistryReader
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka.partition_reader import PartitionReader
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.lifecycle import run_until_signal
from tasker_runtime.logs import Log, configure
from tasker_ticker.kafka.membership import Membership
from tasker_ticker.kafka.transaction import Transactions, connected
from tasker_ticker.lead_time import Load
from tasker_ticker.partition import Shell
from tasker_ticker.settings import TickerSettings
from tasker_ticker.ticker import Ticker

RESTORED_AT_ONCE = 3


async def run(settings: TickerSettings, clock: Clock, health: Health, log: Log, stopping: asyncio.Event) -> None:
    """A ticker, until told to stop."""
    bootstrap, topics, ticker = settings.kafka_bootstrap_servers, settings.topics, Ticker()
    membership = Membership(bootstrap, settings.group("ticker"), topics["task-events"], ticker.assign, health, log)
    sender = RecordProducer(bootstrap)
    handlers = HandlerRegistryReader(lambda: PartitionReader(bootstrap), topics["handlers"], health, log)
    shell = Shell(
        topics=topics,
        partitions=settings.partitions,
        reader=lambda: PartitionReader(bootstrap),
        transactions=lambda partition: Transactions(connected(bootstrap), topics, partition, clock),
        clock=clock,
        sender=sender,
        dead_letters=DeadLetterProducer(sender, topics["dead-letters"], "ticker"),
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
    await run_until_signal(log, lambda stopping: run(settings, SystemClock(), health, log, stopping))
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve())
