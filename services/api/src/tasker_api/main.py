"""Wires the API and runs it: `python -m tasker_api.main`."""

import asyncio

from tasker_api.app import create_app
from tasker_api.commands import Commands
from tasker_api.deps import Services
from tasker_api.journal import Journal
from tasker_api.letters import LetterBox
from tasker_api.service import Api
from tasker_api.settings import ApiSettings
from tasker_api.store import Store
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.lifecycle import run_until_signal
from tasker_runtime.logs import configure
from tasker_runtime.mongo import Mongo


async def serve() -> None:
    """Run the API until a signal."""
    settings = ApiSettings()
    log = configure("api", settings.log_format, settings.log_level)
    health, mongo = Health(), Mongo(settings.mongodb_url)
    store, journal = Store(mongo), Journal(mongo, health, log)
    sender = RecordProducer(settings.kafka_bootstrap_servers)
    commands = Commands(sender, settings.topics["task-events"], journal, store)
    letters = LetterBox(settings.kafka_bootstrap_servers, settings.topics, settings.partitions, sender)
    services = Services(commands, store, letters, SystemClock())
    api = Api(create_app(settings, services, health, log), journal, sender, health)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    host, port, drain = settings.api_host, settings.api_port, settings.drain_seconds
    await run_until_signal(log, lambda stopping: api.run(host, port, drain, stopping))
    mongo.close()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve())
