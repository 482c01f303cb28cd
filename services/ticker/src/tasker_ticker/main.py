"""Wires the ticker and runs it: `python -m tasker_ticker.main`."""

import asyncio

from tasker_runtime.clock import Clock, SystemClock
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka.lost_records import LossNotes, LostRecords
from tasker_runtime.lifecycle import run_service, run_until_signal
from tasker_runtime.logs import Log, configure
from tasker_runtime.metrics.service_metrics import show_process
from tasker_runtime.tracing.recorder import close_tracing, start_tracing
from tasker_runtime.tracing.spans import SpanRecorder
from tasker_ticker import metrics
from tasker_ticker.kafka.clients import KafkaClients
from tasker_ticker.kafka.membership import Membership
from tasker_ticker.partition import LOST_REMEDY
from tasker_ticker.partition_context import PartitionContext
from tasker_ticker.settings import TickerSettings
from tasker_ticker.spans import TickerSpans
from tasker_ticker.state_copies.state_copies import state_copies
from tasker_ticker.ticker import Ticker
from tasker_ticker.ticker_limits import TickerLimits


async def run(
    settings: TickerSettings,
    clock: Clock,
    health: Health,
    log: Log,
    limits: TickerLimits,
    stopping: asyncio.Event,
    recorder: SpanRecorder | None = None,
) -> None:
    """A ticker, until `stopping` is set."""
    kafka, topics, rate = settings.kafka, settings.topics, settings.ticker_background_rate
    notes = LossNotes(clock.now_ms)
    membership = Membership(kafka, settings.group("ticker"), topics["task-events"], notes, health, log)
    async with KafkaClients(kafka, topics, settings.partitions, clock, health, log) as clients:
        spans = None if recorder is None else TickerSpans(recorder)
        context = PartitionContext(
            topics,
            settings.partitions,
            rate,
            clients,
            membership.prove,
            clock,
            health,
            log,
            limits,
            spans,
            settings.public_url,
            lost=LostRecords(metrics.count_lost, LOST_REMEDY, notes, health, log),
            copies=state_copies(settings.ticker_state_dir, topics, clock, log),
        )
        await Ticker(context, membership).run(stopping)


async def serve() -> None:
    """A ticker with its health server, until a signal."""
    settings, clock, health, limits = TickerSettings(), SystemClock(), Health(), TickerLimits()
    log = configure("ticker", settings.log_format, settings.log_level)
    show_process("ticker", settings.partitions)
    metrics.show_partitions(settings.partitions)
    recorder = start_tracing("ticker", log)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    await run_until_signal(log, lambda stopping: run(settings, clock, health, log, limits, stopping, recorder))
    await close_tracing(recorder)
    await server.stop()


def main() -> None:
    """The command `tasker-ticker`."""
    run_service("ticker", serve)


if __name__ == "__main__":
    main()
