"""The API as a whole: the HTTP server, the journal's stream, and an eye on Kafka."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from tasker_api.journal import Journal
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer

CHECK_SECONDS = 2.0
CHECK = "kafka"


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process has them."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take none."""
        yield


class Api:
    """Serves until told to stop."""

    def __init__(self, app: FastAPI, journal: Journal, sender: RecordProducer, health: Health) -> None:
        self._app, self._journal, self._sender, self._health = app, journal, sender, health
        health.expect(CHECK)

    async def run(self, host: str, port: int, drain_seconds: float, stopping: asyncio.Event) -> None:
        """Listen on a host and port. Raises OSError when the port is taken."""
        config = uvicorn.Config(
            self._app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=int(drain_seconds),
            server_header=False,
        )
        server = Server(config)
        followers = [asyncio.create_task(self._journal.run()), asyncio.create_task(self._watch_kafka())]
        serving = asyncio.create_task(server.serve())
        stop = asyncio.create_task(stopping.wait())
        try:
            done, _ = await asyncio.wait({stop, serving, *followers}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # an error that nobody foresaw ends the process, loudly
        finally:
            server.should_exit = True
            await asyncio.wait({serving})
            for task in (stop, *followers):
                task.cancel()
            await asyncio.gather(stop, *followers, return_exceptions=True)
            await self._sender.stop()

    async def _watch_kafka(self) -> None:
        while True:
            try:
                await self._sender.ping(CHECK_SECONDS)
                self._health.ok(CHECK)
            except (KafkaError, KafkaTimeout) as error:
                self._health.fail(CHECK, f"Kafka does not answer: {error}")
            await asyncio.sleep(CHECK_SECONDS)
