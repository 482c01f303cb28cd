"""Dead letters that must be written before a record may be passed over: again and again until they are."""

import asyncio

from tasker_core.errors import TaskerError
from tasker_executor import metrics
from tasker_runtime.dead_letters import DeadLetters
from tasker_runtime.health import Health
from tasker_runtime.kafka import KafkaError, Record, Sender
from tasker_runtime.logs import Log

RETRY_SECONDS = 1.0
CHECK = "dead-letters"


class Burials:
    """Writes dead letters."""

    def __init__(self, sender: Sender, topic: str, health: Health, log: Log) -> None:
        self._sender, self._letters, self._topic = sender, DeadLetters(sender, topic, "executor"), topic
        self._health, self._log = health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def bury(self, record: Record, reason: str) -> None:
        """Return when the dead letter is acknowledged."""
        while True:
            try:
                await self._letters.bury(record, reason)
            except (TaskerError, KafkaError) as error:
                self._health.fail(CHECK, f"can't write to {self._topic}: {error}")
                self._log.error("dead letter not written", topic=self._topic, reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._health.ok(CHECK)
                metrics.DEAD_LETTERS.inc()
                return

    async def stop(self) -> None:
        """Disconnect."""
        await self._sender.stop()
