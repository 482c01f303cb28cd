"""Wires the log sink and runs it: `python -m tasker_log_sink.main`."""

import asyncio

from tasker_log_sink.service import LogSink
from tasker_log_sink.settings import SinkSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.dead_letters import DeadLetters
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka import Sender
from tasker_runtime.logs import configure
from tasker_runtime.mongo import Mongo
from tasker_runtime.process import until_signal


async def serve() -> None:
    """Run the log sink until a signal."""
    settings = SinkSettings()
    log = configure("log-sink", settings.log_format, settings.log_level)
    health, mongo = Health(), Mongo(settings.mongodb_url)
    sender = Sender(settings.kafka_bootstrap_servers)
    dead_letters = DeadLetters(sender, settings.topics["dead-letters"], "log-sink")
    sink = LogSink(settings, mongo, dead_letters, SystemClock(), health, log)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    await until_signal(log, sink.run)
    await sender.stop()
    await server.stop()
    mongo.close()


if __name__ == "__main__":
    asyncio.run(serve())
