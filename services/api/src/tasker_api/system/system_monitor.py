"""The state of the system for all who ask: one look at Kafka and MongoDB at a time, kept for a moment."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Final, NamedTuple

from tasker_api.system.database_look import DatabaseLook
from tasker_api.system.facts import DatabaseFacts, KafkaFacts, SystemFacts
from tasker_api.system.finding import Finding, State, state_of
from tasker_api.system.findings import find
from tasker_api.system.kafka_look import LOST, KafkaLook
from tasker_core.errors import TaskerError
from tasker_core.time.instant import from_ms
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client_id import ServiceInstance
from tasker_runtime.mongo import PyMongoError

KEPT_SECONDS: Final = 1.5
ANSWER_SECONDS: Final = 2.0
IDLE_SECONDS: Final = 60.0
"""So long after the last question the connection to Kafka is kept."""


class SystemReport(NamedTuple):
    """What is known, and what of it is wrong."""

    facts: SystemFacts
    findings: list[Finding]
    state: State


class SystemMonitor:
    """`report` answers within 2 s, whatever is away. `instance` is this process; `canary_seconds` None: no canaries;
    `keys_trouble` tells why the keys can't be read."""

    def __init__(
        self,
        kafka: KafkaLook,
        database: DatabaseLook,
        partitions: int,
        instance: ServiceInstance,
        clock: Clock,
        canary_seconds: int | None = None,
        keys_trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._kafka, self._database, self._partitions, self._clock = kafka, database, partitions, clock
        self.instance, self._canary_seconds, self._keys_trouble = instance, canary_seconds, keys_trouble
        self._started = self._now()
        self._asking, self._looking = asyncio.Lock(), list[asyncio.Task[KafkaFacts]]()
        self._last: tuple[float, SystemReport] | None = None
        self._executor_groups: list[str] = []

    async def report(self) -> SystemReport:
        """The state now, or a moment ago."""
        async with self._asking:
            if self._last is None or monotonic() - self._last[0] > KEPT_SECONDS:
                report = await self._look()
                self._last = monotonic(), report
            return self._last[1]

    async def digest(self) -> object:
        """What a hint is worth when it changes: not the ages."""
        report = await self.report()
        owners = {number: mark.owner for number, mark in report.facts.marks().items()}
        return report.state, {(one.severity, one.component, one.partition) for one in report.findings}, owners

    async def run(self) -> None:
        """Disconnect while nobody asks, until cancelled."""
        try:
            while True:
                await asyncio.sleep(IDLE_SECONDS / 4)
                if self._last is not None and monotonic() - self._last[0] > IDLE_SECONDS and not self._looking:
                    self._last = None
                    await self._kafka.close()
        finally:
            await self.close()

    async def close(self) -> None:
        """Disconnect."""
        for task in self._looking:
            task.cancel()
        await asyncio.gather(*self._looking, return_exceptions=True)
        await self._kafka.close()

    async def _look(self) -> SystemReport:
        (kafka, kafka_reason), (database, database_reason) = await asyncio.gather(
            self._look_at_kafka(), self._look_at_database()
        )
        if database is not None:
            self._executor_groups = [*database.executor_groups]
        facts = SystemFacts(
            started=self._started,
            now=self._now(),
            partitions=self._partitions,
            version=self.instance.version,
            kafka=kafka,
            database=database,
            kafka_reason=kafka_reason,
            database_reason=database_reason,
            canary_seconds=self._canary_seconds,
            keys_trouble=self._keys_trouble(),
        )
        findings = find(facts)
        return SystemReport(facts, findings, state_of(findings))

    async def _look_at_kafka(self) -> tuple[KafkaFacts | None, str]:
        """A look that takes too long goes on, and is the next one's."""
        if not self._looking:
            self._looking.append(asyncio.create_task(self._kafka_facts()))
        task = self._looking[0]
        await asyncio.wait({task}, timeout=ANSWER_SECONDS)
        if not task.done():
            return None, f"no answer within {ANSWER_SECONDS:g} s"
        self._looking.clear()
        try:
            return task.result(), ""
        except (*LOST, TaskerError) as error:
            return None, str(error)[:300] or type(error).__name__

    async def _kafka_facts(self) -> KafkaFacts:
        try:
            return await self._kafka.look(self._executor_groups)
        except BaseException:
            with suppress(*LOST):
                await self._kafka.close()
            raise

    async def _look_at_database(self) -> tuple[DatabaseFacts | None, str]:
        try:
            return await self._database.look(), ""
        except PyMongoError as error:
            return None, str(error).split(" (configured timeouts")[0].split(",", 1)[0][:300]

    def _now(self) -> datetime:
        return from_ms(self._clock.now_ms())
