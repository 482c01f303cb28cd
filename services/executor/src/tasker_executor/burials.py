"""Dead letters that must be written before a record may be passed over."""

from tasker_executor import metrics
from tasker_executor.insist import insist
from tasker_runtime.dead_letters import DeadLetters
from tasker_runtime.health import Health
from tasker_runtime.kafka import Record, Sender
from tasker_runtime.logs import Log

CHECK = "dead-letters"


class Burials:
    """Writes dead letters."""

    def __init__(self, sender: Sender, topic: str, health: Health, log: Log) -> None:
        self._letters, self._topic = DeadLetters(sender, topic, "executor"), topic
        self._health, self._log = health, log
        health.expect(CHECK)
        health.ok(CHECK)

    async def bury(self, record: Record, reason: str) -> None:
        """Return when the dead letter is acknowledged."""
        await insist(lambda: self._letters.bury(record, reason), self._topic, CHECK, self._health, self._log)
        metrics.DEAD_LETTERS.inc()
