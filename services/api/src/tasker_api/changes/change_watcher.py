"""Follows the changes in MongoDB while somebody listens, for all who listen to this process.

One cursor of one change stream, however many they are, and none when there are none.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from tasker_api import metrics
from tasker_api.changes.change_cursor import ChangeCursor, ChangesLost
from tasker_api.changes.change_hints import ChangeFilter, ChangeHints, DocumentKind
from tasker_api.changes.change_log import ChangeLog, Position
from tasker_api.changes.subscription import Subscription
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, PyMongoError

PUBLISH_SECONDS: Final = 1.0
"""At most so often hints are given. The first one after a quiet time comes at once."""
SETTLE_SECONDS: Final = 0.25
"""Under load, changes are read so often: all at once costs less than each by itself."""
WAIT_MS: Final = 500
RETRY_SECONDS: Final = 0.5
LINGER_SECONDS: Final = 15.0
"""So long it is read on after the last one has gone: most come again."""
MAX_RESUME_SECONDS: Final = 600
"""Who was away for longer reads anew, which is less work than to look through all that came."""
MARGIN_SECONDS: Final = 10
"""A stream that is begun for somebody who was away begins so much earlier: others were away with him."""
START_SECONDS: Final = 5.0
MAX_LOOKED_UP: Final = 2_000


class ChangeWatcher:
    """`run` reads; `subscribe` listens. `look_at_system` is called while somebody wants to hear of `system`: whether
    what it says has changed."""

    def __init__(self, mongo: Mongo, log: Log, max_streams: int) -> None:
        self._mongo, self._log, self._max_streams = mongo, log, max_streams
        self._subscriptions: set[Subscription] = set()
        self._demand, self._moved = asyncio.Event(), asyncio.Condition()
        self._changes: ChangeLog | None = None
        self._rewind_to: Position | None = None
        self._latest = self._floor = Position(0, 0)
        self._lost = False
        self._system_changed = False
        self.closing = False

    @property
    def wants_system(self) -> bool:
        """Whether somebody listens for changes of `/system`."""
        return any("system" in one.wanted.kinds for one in self._subscriptions)

    @property
    def streams(self) -> int:
        """How many listen."""
        return len(self._subscriptions)

    def note_system(self) -> None:
        """What `/system` says has changed."""
        self._system_changed = True

    def close(self) -> None:
        """End all subscriptions: the process stops."""
        self.closing = True
        self._wake()

    @asynccontextmanager
    async def subscribe(self, wanted: ChangeFilter, last: Position | None) -> AsyncGenerator[Subscription | None]:
        """Listen from a position on, or from now; None when there are too many.

        Raises PyMongoError when MongoDB can't be followed within 5 s.
        """
        if self.closing or len(self._subscriptions) >= self._max_streams:
            yield None
            return
        subscription = Subscription(wanted)
        self._subscriptions.add(subscription)
        metrics.STREAMS.set(len(self._subscriptions))
        try:
            self._demand.set()
            await self._place(subscription, last)
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            metrics.STREAMS.set(len(self._subscriptions))

    async def _place(self, subscription: Subscription, last: Position | None) -> None:
        """Give a subscription its place in the log, which may have to begin earlier for that."""
        try:
            async with asyncio.timeout(START_SECONDS):
                if last is not None and await self._is_to_come(last):
                    subscription.reset, last = True, None
                async with self._moved:
                    await self._place_at(subscription, last)
        except TimeoutError:
            raise PyMongoError(f"the changes in MongoDB can't be followed within {START_SECONDS:g} s") from None

    async def _is_to_come(self, position: Position) -> bool:
        """Whether a position is of another log, such as that of a MongoDB that was lost: who waited for it here would
        hear nothing until then."""
        known = self._latest if self._changes is None else max(self._latest, self._changes.end)
        return position > known and position > await ChangeCursor(self._mongo).now()

    async def _place_at(self, subscription: Subscription, last: Position | None) -> None:
        while self._changes is None:
            if last is not None:
                self._ask_rewind(last)  # it begins there at once
            await self._moved.wait()
        if last is None:
            subscription.place(self._changes, self._changes.end, resumed=False)
            return
        while not self._changes.covers(last):
            if not self._may_rewind(self._changes, last):
                subscription.place(self._changes, self._changes.end, resumed=False)
                subscription.reset = True
                return
            self._ask_rewind(last)
            await self._moved.wait()
        subscription.place(self._changes, last, resumed=True)

    def _ask_rewind(self, position: Position) -> None:
        self._rewind_to = position if self._rewind_to is None else min(position, self._rewind_to)

    def _may_rewind(self, changes: ChangeLog, position: Position) -> bool:
        """Not behind what was dropped as there was too much of it, nor behind what can't be read, and not far back."""
        is_near = max(self._latest, changes.end).seconds - position.seconds < MAX_RESUME_SECONDS
        return is_near and position >= self._floor and not changes.dropped

    async def run(self) -> None:
        """Follow until cancelled, whenever somebody listens."""
        while True:
            await self._demand.wait()
            try:
                await self._follow()
            except ChangesLost as lost:
                self._log.warning("changes lost", reason=str(lost))
                self._changes, self._lost = None, True
            except PyMongoError as error:
                self._log.warning("changes interrupted", reason=str(error)[:300])
                await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        """One cursor: until nobody listens, or somebody needs what came before it."""
        cursor = ChangeCursor(self._mongo)
        try:
            changes = await self._begin(cursor)
            await self._publish_on(cursor, changes)
        finally:
            await asyncio.shield(cursor.close())

    async def _begin(self, cursor: ChangeCursor) -> ChangeLog:
        """The log that is to be filled: from what somebody asked for, from where it was interrupted, or from now."""
        now, wanted, before = await cursor.now(), self._rewind_to, self._changes
        start = self._latest = now
        if self._lost:
            self._lost, self._floor, wanted = False, now, None
        if wanted is not None:
            earliest = now.seconds - MAX_RESUME_SECONDS
            start = min(now, Position(max(wanted.seconds - MARGIN_SECONDS, earliest), 0))
        if before is not None:
            start = min(start, before.end)
        try:
            await cursor.open(start)
        except ChangesLost:
            if wanted is None or start == now:
                raise
            start = self._floor = now if before is None else before.end
            await cursor.open(start)
        self._rewind_to = None
        return before if before is not None and start == before.end else ChangeLog(start)

    async def _publish_on(self, cursor: ChangeCursor, changes: ChangeLog) -> None:
        loop = asyncio.get_running_loop()
        pending, unknown, position = ChangeHints(), list[str](), changes.end
        published, busy_until = 0.0, loop.time() + LINGER_SECONDS
        await self._replace(changes)
        while self._rewind_to is None or self._covered(changes):
            wait_ms = WAIT_MS
            if pending or unknown:
                wait_ms = min(wait_ms, max(1, int((published + PUBLISH_SECONDS - loop.time()) * 1000)))
            for change in (found := await cursor.read(wait_ms)):
                position = Position(change["clusterTime"].time, change["clusterTime"].inc)
                if note(pending, change):
                    unknown.append(change["documentKey"]["_id"])
            now = loop.time()
            if self._system_changed:
                self._system_changed, pending.system = False, True
            if (pending or unknown) and now - published >= PUBLISH_SECONDS:
                await self._look_up(unknown, pending)
                changes.append(position, pending)
                pending, unknown, published = ChangeHints(), [], now
                await self._announce()
            elif found:
                await asyncio.sleep(min(SETTLE_SECONDS, PUBLISH_SECONDS - (now - published)))
            if self._subscriptions:
                busy_until = now + LINGER_SECONDS
            elif now > busy_until:
                self._changes = None
                self._demand.clear()
                return

    def _covered(self, changes: ChangeLog) -> bool:
        """Whether it begins where somebody needs it, or can't."""
        wanted, self._rewind_to = self._rewind_to, None
        if wanted is not None and not changes.covers(wanted) and self._may_rewind(changes, wanted):
            self._rewind_to = wanted
            return False
        return True

    async def _look_up(self, runs: list[str], pending: ChangeHints) -> None:
        """Whose runs these are: an update does not say so."""
        known = dict[str, str]()
        if runs:
            query = {"_id": {"$in": runs[:MAX_LOOKED_UP]}}
            async for found in self._mongo.database["runs"].find(query, {"task_id": 1}):
                known[found["_id"]] = found["task_id"]
        for run_id in runs:
            pending.add("runs", known.get(run_id), run_id)

    async def _replace(self, changes: ChangeLog) -> None:
        self._changes = changes
        for one in self._subscriptions:
            one.move_to(changes)
        await self._announce()

    async def _announce(self) -> None:
        async with self._moved:
            self._moved.notify_all()
        self._wake()

    def _wake(self) -> None:
        for one in self._subscriptions:
            one.wake()


def note(pending: ChangeHints, change: dict[str, Any]) -> bool:
    """Add a change of MongoDB; True for the update of a run, whose task has to be looked up."""
    collection, key = change["ns"]["coll"], change["documentKey"]["_id"]
    if collection == "handlers":
        pending.system = True
        return False
    if collection == "calendars":
        pending.add_calendar(key)
        return False
    kind: DocumentKind = collection
    if kind == "tasks":
        pending.add(kind, key, key)
    elif "task_id" in change:
        pending.add(kind, change["task_id"], change.get("event_id", key))
    elif kind == "runs":
        return True
    elif kind == "journal":  # a verdict that came after `forwarded`
        task_id, _, event_id = key.partition("/")
        pending.add(kind, task_id, event_id)
    else:
        pending.add(kind, None, key)
    return False


async def follow_system(watcher: ChangeWatcher, digest: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Look at the system every so often while somebody wants to hear of it, until cancelled."""
    before: object = None
    while True:
        await asyncio.sleep(seconds)
        if watcher.wants_system:
            seen = await digest()
            if before is not None and seen != before:
                watcher.note_system()
            before = seen
