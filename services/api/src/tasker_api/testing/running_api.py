"""An API in this process, made as in production."""

from typing import Any

import httpx

from tasker_api.composition import compose
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.settings import ApiSettings
from tasker_api.testing.document_writer import DocumentWriter
from tasker_runtime.health import Health
from tasker_runtime.logs import configure

CALLBACK_SECRET = "s" * 40


class RunningApi:
    """An app, and what it consists of. `documents` are those that it reads, `more` are settings."""

    def __init__(
        self,
        kafka: str,
        topic_prefix: str,
        mongodb_url: str,
        callback_secret: str | None = CALLBACK_SECRET,
        **more: Any,
    ) -> None:
        settings: dict[str, Any] = {"kafka_bootstrap_servers": kafka, "topic_prefix": topic_prefix}
        settings |= {"mongodb_url": mongodb_url, "web_root": None, "callback_secret": callback_secret}
        settings |= more
        self.health = Health()
        made = ApiSettings(**settings)
        self.topic = made.topics["task-events"]
        parts = compose(made, self.health, configure("api", "console"))
        self.app, self.verdicts, self.producer, self.mongo = parts.app, parts.verdicts, parts.producers[0], parts.mongo
        self.changes, self.loops, self.producers = parts.changes, parts.loops, parts.producers
        self.publisher: CommandPublisher = self.app.state.context.publisher
        self.documents = DocumentWriter(self.mongo)

    def client(self, **headers: str) -> httpx.AsyncClient:
        """An HTTP client of it."""
        transport = httpx.ASGITransport(self.app)
        base = "http://localhost:3000/api/v1"
        return httpx.AsyncClient(transport=transport, base_url=base, headers=headers, timeout=20)

    async def close(self) -> None:
        """Disconnect."""
        await self.app.state.context.system.close()
        for producer in self.producers:
            await producer.stop()
        self.mongo.close()
