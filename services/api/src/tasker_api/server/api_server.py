"""The API as a process: the HTTP server, the loops beside it, and the check of Kafka."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import uvicorn
from fastapi import FastAPI

from tasker_api.changes.change_watcher import ChangeWatcher
from tasker_api.server.http_protocol import KEEP_ALIVE_SECONDS, BoundedHttpProtocol
from tasker_runtime.health import Health
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.connecting import TopicsMissing
from tasker_runtime.kafka.record_producer import RecordProducer

CHECK_SECONDS = 2.0
CHECK, LOOP = "kafka", "loop"
LOOP_MS = 60_000


class _UvicornServer(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process has them."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take none."""
        yield


class ApiServer:
    """Serves until it is to stop. `loops` run beside the server; one that ends has nothing more to do.

    It is ready once the `topic` is there to which it publishes, and stays so when Kafka goes away: it still reads, and
    says of changes what is known.
    """

    def __init__(
        self,
        app: FastAPI,
        loops: Sequence[Callable[[], Coroutine[Any, Any, None]]],
        changes: ChangeWatcher,
        producers: Sequence[RecordProducer],
        topic: str,
        health: Health,
    ) -> None:
        self._app, self._loops, self._changes = app, loops, changes
        self._producers, self._topic, self._health = producers, topic, health
        health.expect(CHECK, gates="start")
        health.expect(LOOP, every_ms=LOOP_MS)

    async def run(self, host: str, port: int, drain_seconds: float, stopping: asyncio.Event) -> None:
        """Listen on a host and port. Raises OSError when the port is taken."""
        config = uvicorn.Config(
            self._app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=ceil(drain_seconds),  # whole seconds, and 0 would wait for none
            server_header=False,
            http=BoundedHttpProtocol,
            ws="none",  # uvicorn would take upgrades wherever `websockets` is installed; the app knows none
        )
        server = _UvicornServer(config)
        loops = (*(loop() for loop in self._loops), self._check_kafka())
        background = [asyncio.create_task(loop) for loop in loops]
        serving = asyncio.create_task(server.serve())
        stop = asyncio.create_task(stopping.wait())
        try:
            waiting = {stop, serving, *background}
            while not (stop.done() or serving.done()):
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # an unforeseen error ends the process
        finally:
            self._changes.close()  # nobody else would end the streams
            server.should_exit = True
            await asyncio.wait({serving})
            for task in (stop, *background):
                task.cancel()
            await asyncio.gather(stop, *background, return_exceptions=True)
            for producer in self._producers:
                await producer.stop()

    async def _check_kafka(self) -> None:
        while True:
            self._health.ok(LOOP)
            try:
                await self._producers[0].ping(CHECK_SECONDS, self._topic)
                self._health.ok(CHECK)
            except TopicsMissing as error:
                self._health.fail(CHECK, str(error))
            except (KafkaError, KafkaTimeout) as error:
                self._health.fail(CHECK, f"Kafka does not answer: {error}")
            await asyncio.sleep(CHECK_SECONDS)
