"""Carries one change-set out: portion after portion, no faster than it is answered, until it is done or cancelled.

What it has come to is stated in `change-set` events, so that every process shows it, and so that another one goes on
from there when this one dies. Whatever is published twice then has the same ids, and changes nothing.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from tasker_api.change_sets.item_publisher import ItemPublisher
from tasker_api.change_sets.portions import Item, Portion, PortionSource, SourceOf
from tasker_api.publishing.command import Command
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_core.documents.change_sets import ChangeSetDocument
from tasker_core.documents.journal import entry_id
from tasker_core.ids import new_task_id
from tasker_core.messages.change_sets import (
    ChangeSetContent,
    ChangeSetProgress,
    ChangeSetState,
    item_event_id,
)
from tasker_core.messages.verdicts import Channel
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_runtime.mongo import PyMongoError

WINDOW: Final = 1_000
"""So many events of a change-set are unanswered at most: what somebody cancels stops there, and memory stays flat."""
FEWEST: Final = 100
WAIT_SECONDS: Final = 0.5
"""So many are unanswered as are answered in this time: whoever else wants something waits behind them."""
LOOK_MS: Final = 1_000
"""So often the change-set itself is read: somebody may have cancelled it."""
STATE_MS: Final = 5_000
"""So often it is stated how far it has come."""
BEGIN_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 1.0
GIVE_UP_MS: Final = 600_000
"""So long nothing may go on; then it is left, and shows as interrupted."""
UNKNOWN_MS: Final = 30_000
"""So long the log is looked at for a change-set of which it is unknown whether Kafka has taken it."""
MAX_EXAMPLES: Final = 20
MAX_MESSAGE: Final = 1_000
Ending = Literal["done", "cancelled", "taken over", "given up"]


@dataclass(frozen=True, slots=True)
class ChangeSetOrder:
    """A change-set to be carried out.

    `source` is what it is about, which the job closes, or says that once the log shows it. `asked` is how it will stand
    there. `resumed`: some of its events may have been answered already.
    """

    asked: ChangeSetDocument
    source: PortionSource | SourceOf
    resumed: bool

    @property
    def id(self) -> str:
        """The id of the change-set."""
        return self.asked["_id"]


@dataclass(frozen=True, slots=True)
class JobParts:
    """What jobs need, all of them the same. `instance` names this process, `boot` tells it from one before it."""

    producer: RecordProducer
    topic: str
    verdicts: VerdictStream
    queries: ChangeSetQueries
    clock: Clock
    instance: str
    log: Log
    boot: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass(slots=True)
class ChangeSetJob:
    """One change-set in this process. `patience_ms`: so long nothing may go on; then it is left."""

    parts: JobParts
    order: ChangeSetOrder
    patience_ms: int = GIVE_UP_MS
    _items: ItemPublisher = field(init=False)
    _progress: ChangeSetProgress = field(init=False)
    _source: PortionSource | None = field(init=False, default=None)
    _unsure: Portion | None = field(init=False, default=None)
    """What may have been published, or not."""
    _window: int = field(init=False, default=FEWEST)
    _looked_ms: int = field(init=False, default=0)
    _stated_ms: int = field(init=False, default=0)
    _moved_ms: int = field(init=False, default=0)
    _ending: Ending | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        parts = self.parts
        self._items = ItemPublisher(parts.producer, parts.topic, parts.verdicts, parts.queries.answered)
        self._progress = ChangeSetProgress()

    @property
    def owner(self) -> str:
        """This process: whichever statement of it the log shows first, a job of it is meant."""
        return f"{self.parts.instance} {self.parts.boot}"

    @property
    def _channel(self) -> Channel:
        return cast("Channel", self.order.asked["channel"])

    async def run(self) -> Ending:
        """Carry it out; returns how that ended."""
        self._moved_ms = self.parts.clock.now_ms()
        try:
            while (ending := await self._try()) is None:
                await asyncio.sleep(RETRY_SECONDS)
            return ending
        finally:
            self._items.close()
            source = self._source or self.order.source
            if not callable(source):
                source.close()

    async def _try(self) -> Ending | None:
        """Carry it out; returns how that ended, None while it did not: what is cancelled is over once it is counted."""
        try:
            await self._carry_out()
        except (PyMongoError, KafkaError, KafkaTimeout) as error:
            self.parts.log.warning("change-set waits", change_set=self.order.id, reason=str(error)[:300])
            self._note_standstill()
            return self._ending if self._ending in ("taken over", "given up") else None
        return self._ending

    async def _carry_out(self) -> None:
        """From where it is on. Raises PyMongoError, KafkaError or KafkaTimeout; then it goes on from there."""
        source = self._source or await self._begin()
        if source is not None:
            if not self._stated_ms:
                await self._state(total=await source.total())
            if self._unsure is not None:
                await self._publish(self._unsure)
            async for portion in source.portions(self._progress.after):
                if await self._has_ended():
                    break
                await self._publish(portion)
        await self._wait_until_at_most(0)
        if self._ending in (None, "cancelled"):
            await self._finish()

    async def _begin(self) -> PortionSource | None:
        """Wait until the log shows the change-set as ours; None when it is over by then, or another one's."""
        while not await self._has_ended():
            document = await self.parts.queries.find(self.order.id)
            if document is not None and document.get("owner") == self.owner:
                source = self.order.source
                self._source = source(document) if callable(source) else source
                self._progress = ChangeSetProgress.model_validate(document.get("progress", {}))
                self._moved_ms, self.patience_ms = self.parts.clock.now_ms(), GIVE_UP_MS
                return self._source
            if document is not None and not self.order.resumed:  # somebody else's request under this id came first
                self._ending = "taken over"
                return None
            self._note_standstill()
            await asyncio.sleep(BEGIN_SECONDS)
        return None

    async def _publish(self, portion: Portion) -> None:
        """Publish the events of a portion. How many there are is stated before: whoever undoes it when this process has
        died must know of each that may still be carried out.
        """
        again, resumed = portion is self._unsure, self.order.resumed
        if not again:
            portion = await self._unanswered(portion) if resumed else portion
            self._unsure = portion
            published = self._progress.published + len(portion.items)
            self._progress = self._progress.model_copy(update={"published": published})
        if portion.items:
            await self._state()
            await self._items.publish([self._command(item) for item in portion.items], again=again or resumed)
        self._moved_ms, self._unsure = self.parts.clock.now_ms(), None
        left_out, done = portion.left_out, self._progress
        examples = [one.model_copy(update={"message": one.message[:MAX_MESSAGE]}) for one in left_out[:MAX_EXAMPLES]]
        self._progress = ChangeSetProgress(
            after=portion.after,
            published=done.published,
            unchanged=done.unchanged + len(portion.unchanged),
            left_out=done.left_out + len(left_out),
            examples=(*done.examples, *examples)[:MAX_EXAMPLES],
        )
        await self._keep_pace(len(portion.items))

    async def _keep_pace(self, published: int) -> None:
        """Wait until so few events are unanswered as are answered soon, at the pace of this portion."""
        if self._items.unanswered <= self._window:
            return
        began = self.parts.clock.now_ms()
        await self._wait_until_at_most(self._window)
        took_ms = max(1, self.parts.clock.now_ms() - began)
        self._window = min(WINDOW, max(FEWEST, int(published * 1000 / took_ms * WAIT_SECONDS)))

    async def _unanswered(self, portion: Portion) -> Portion:
        """What of a portion has no answer yet: the rest was dealt with before."""
        tasks = [*(one.task_id for one in (*portion.items, *portion.left_out)), *portion.unchanged]
        names = {task_id: entry_id(task_id, item_event_id(self.order.id, task_id)) for task_id in tasks}
        answered = await self.parts.queries.answered(list(names.values()))
        return portion._replace(
            items=[item for item in portion.items if names[item.task_id] not in answered],
            unchanged=[task_id for task_id in portion.unchanged if names[task_id] not in answered],
            left_out=[one for one in portion.left_out if names[one.task_id] not in answered],
        )

    def _command(self, item: Item) -> Command:
        return Command(
            event_id=item_event_id(self.order.id, item.task_id),
            task_id=item.task_id,
            type=item.event_type,
            data=item.data,
            digest=None,
            channel=self._channel,
            actor=self.order.asked["actor"],
            if_version=item.if_version,
            change_set=self.order.id,
        )

    async def _wait_until_at_most(self, unanswered: int) -> None:
        """Wait for answers; what is cancelled meanwhile waits for those that are out, too."""
        before = self._items.unanswered
        while not await self._items.until_at_most(unanswered, LOOK_MS / 1000):
            await self._items.look_up()
            if self._items.unanswered < before:
                before, self._moved_ms = self._items.unanswered, self.parts.clock.now_ms()
            self._note_standstill()
            if await self._has_ended() and self._ending != "cancelled":
                return

    def look(self) -> None:
        """Look at the log before the next portion: somebody has stated something here, as that it is cancelled."""
        self._looked_ms = 0

    async def _has_ended(self) -> bool:
        """Whether somebody has cancelled it, or carries it out instead; also states now and then how far it is."""
        now = self.parts.clock.now_ms()
        if now - self._looked_ms >= LOOK_MS and self._ending is None:
            self._looked_ms = now
            document = await self.parts.queries.find(self.order.id)
            self._ending = self._ending_in(document)
        if self._source is not None and self._ending is None and now - self._stated_ms >= STATE_MS:
            await self._state()
        return self._ending is not None

    def _ending_in(self, document: ChangeSetDocument | None) -> Ending | None:
        if document is None:
            return None
        if document["state"] != "running":
            return "cancelled" if document["state"] == "cancelled" else "taken over"
        return "taken over" if self._source is not None and document.get("owner") != self.owner else None

    def _note_standstill(self) -> None:
        if self._ending in (None, "cancelled") and self.parts.clock.now_ms() - self._moved_ms > self.patience_ms:
            self._ending = "given up"

    async def _finish(self) -> None:
        """State what has become of it."""
        counts, progress = await self.parts.queries.counts(self.order.id), self._progress
        while self.order.resumed:  # what was published before may still come
            await asyncio.sleep(RETRY_SECONDS)
            before, counts = counts, await self.parts.queries.counts(self.order.id)
            if before == counts:
                break
        answered = counts.accepted + counts.rejected + counts.superseded
        total = answered + progress.unchanged + progress.left_out
        state: ChangeSetState = "cancelled" if self._ending == "cancelled" else "done"
        more: dict[str, Any] = {} if state == "cancelled" else {"total": total}
        await self._state(state=state, counts=counts, **more)
        self._ending = self._ending or "done"

    async def _state(self, **fields: Any) -> None:
        """Publish how far it is, and what else there is to say. Raises KafkaError or KafkaTimeout."""
        now_ms = self.parts.clock.now_ms()
        content = ChangeSetContent(id=self.order.id, progress=self._progress, **fields)
        command = Command(
            event_id=new_task_id(now_ms, secrets.randbits(80)),
            task_id=self.order.id,
            type="change-set",
            data={"change_set": content.model_dump(mode="json", exclude_none=True)},
            digest=None,
            channel=self._channel,
            actor=self.order.asked["actor"],
        )
        await self.parts.producer.send_all(
            self.parts.topic, [(command.task_id.encode(), command.encoded())], RETRY_SECONDS * 10
        )
        self._stated_ms = now_ms
