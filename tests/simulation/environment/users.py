"""Seeded users: they put, pause, trigger and so on, repeat themselves, and sometimes take the wrong partition."""

from collections import Counter
from random import Random

import msgspec

from tasker_core.events.forwarded_event import origin_of
from tasker_core.topics import partition_of
from tests.simulation.cluster.broker import BrokerTransaction, Content, SimulatedBroker
from tests.simulation.environment.random_calendars import CALENDARS
from tests.simulation.environment.ticker_process import TOPICS
from tests.simulation.environment.workload import Body, Workload
from tests.simulation.trace import Trace
from tests.simulation.virtual_loop import VirtualLoop

EVENTS, CALENDARS_TOPIC = TOPICS["task-events"], TOPICS["calendars"]
_KINDS = {"put": 8, "pause": 5, "resume": 5, "delete": 2, "trigger": 3, "cancel": 2, "backfill": 3, "retry": 4}
_NEWER, _NEWER_CALENDAR = ("put", "delete"), ("calendar", "calendar-delete")


class SimulatedUsers:
    """All users of one simulation. Everything they send is in the log, so the oracle needs nothing from here."""

    def __init__(
        self,
        partitions: int,
        tasks: int,
        broker: SimulatedBroker,
        chance: Random,
        trace: Trace,
        loop: VirtualLoop,
        workload: Workload,
    ) -> None:
        self._partitions, self._broker, self._chance, self._trace = partitions, broker, chance, trace
        self._loop, self._workload = loop, workload
        self._tasks = [f"t{number}" for number in range(tasks)]
        self._number, self._own, self._nameless_sent = 0, Counter[str](), 0
        self._not_created = list(self._tasks)
        self._broker.observers.append(self._use_what_was_answered)

    def act(self) -> None:
        """Send one event, now and then another time later, byte for byte."""
        chance = self._chance
        if chance.random() < 0.03:
            self._append(chance.choice(self._tasks), self._nameless())
        elif self._not_created and chance.random() < 0.6:
            self._send(self._not_created.pop(0), "put")
        else:
            (kind,) = chance.choices(tuple(_KINDS), tuple(_KINDS.values()))
            self._send(chance.choice(self._tasks), kind)

    def change_calendar(self) -> None:
        """Define a calendar, or delete it; in half of all simulations there is none."""
        if not self._workload.calendars.none:
            kind = "calendar-delete" if self._chance.random() < 0.15 else "calendar"
            self._send(self._chance.choice(CALENDARS), kind)

    def _use_what_was_answered(self, transaction: BrokerTransaction) -> None:
        """Put a task under a calendar as soon as its event was answered."""
        if transaction.state != "committed" or self._chance.random() < 0.5:
            return
        for log in transaction.logs:
            if log.topic == CALENDARS_TOPIC:
                name = next(entry.key or b"" for entry in reversed(log.entries) if not entry.marker).decode()
                self._loop.later(self._chance.uniform(0, 0.002), self._put_under, name)

    def _put_under(self, calendar: str) -> None:
        task = self._chance.choice(self._tasks)
        self._send(task, "put", self._workload.put_under(task, calendar))

    def _nameless(self) -> Content:
        """What names no task, or is no event at all; some of it has an id."""
        number = self._nameless_sent = self._nameless_sent + 1
        odd: Body = {"type": ("pause", "outcome")[number % 2], "task_id": ("br-kü", "", "t0/t1", "-")[number % 4]}
        if number % 3:
            odd["id"] = f"nameless{number}"
        return None, self._chance.choice((b"{", b"[]", msgspec.json.encode(odd), None)), ()

    def report_outcomes(self) -> None:
        """As executors: report the outcomes of runs of a task, in any order, now and then once more."""
        chance = self._chance
        task = chance.choice(self._tasks)
        outcomes = self._workload.outcomes(task)
        delays = sorted(chance.uniform(0, 12) for _ in outcomes)
        if chance.random() < 0.5:  # the newest first, the oldest long after it
            outcomes.reverse()
        for body, delay in zip(outcomes, delays, strict=True):
            content: Content = (task.encode(), msgspec.json.encode(body), ())
            self._loop.later(delay, self._append, task, content)
            if chance.random() < 0.2:
                self._loop.later(chance.uniform(0, 12), self._append, task, content)

    def report_ends(self) -> None:
        """As executors: start what follows the ends of runs of a task, now and then once more, be it much later."""
        chance = self._chance
        for name, body in self._workload.starts(chance.choice(self._tasks)):
            key = None if chance.random() < 0.1 else name.encode()
            content: Content = (key, msgspec.json.encode(body), ())
            for delay in [chance.uniform(0, 3), *(chance.uniform(0, 12) for _ in range(chance.choice((0, 0, 1, 2))))]:
                self._loop.later(delay, self._append, name, content, 0.3)

    def defer_runs(self) -> None:
        """As executors and the targets of their calls: let runs of a task wait for callbacks, and report."""
        task = self._chance.choice(self._tasks)
        for delay, body in self._workload.deferred(task):
            self._loop.later(delay, self._append, task, (task.encode(), msgspec.json.encode(body), ()))

    def _send_around_cancel(self, task: str) -> None:
        """Retries of runs that fail while all runs of a task are cancelled, at once or late; and a trigger."""
        chance = self._chance
        for longest in (0.2, 12):
            failed = self._workload.body("retry", task)
            self._loop.later(chance.uniform(0, longest), self._send, task, "retry", failed)
        if chance.random() < 0.5:
            self._send(task, "trigger")
            self._loop.later(chance.uniform(0.1, 0.5), self._send, task, "retry")

    def _send(self, task: str, kind: str, body: Body | None = None) -> None:
        chance, body = self._chance, body or self._workload.body(kind, task)
        self._number += 1
        if chance.random() < 0.85:  # unique for the task; some users count for themselves
            own = chance.random() < 0.15
            self._own[task] += own
            body["id"] = f"own{self._own[task]}" if own else f"e{self._number}"
        if kind in ("put", "pause", "delete", "calendar", "calendar-delete") and chance.random() < 0.08:
            body["if_version"] = chance.choice((0, 1, 2, 5))
        key = task.encode() if chance.random() < 0.7 else None
        if chance.random() < 0.02:
            key = b"somebody-else"
        content: Content = (key, msgspec.json.encode(body), ())
        newer = _NEWER_CALENDAR if "calendar" in body else _NEWER
        self._append(task, content, newer=newer)
        if kind == "cancel" and "run_id" not in body:
            self._send_around_cancel(task)
        if chance.random() < 0.12:
            self._loop.later(chance.uniform(0, 8), self._append, task, content, 0.12, newer)

    def _append(self, task: str, content: Content, astray: float = 0.12, newer: tuple[str, ...] = _NEWER) -> None:
        home = partition_of(task, self._partitions)
        partition = home
        if self._chance.random() < astray:
            partition = (home + 1) % self._partitions
            if partition != home and self._chance.random() < 0.5:  # something newer may well be first, and must prevail
                kind = self._chance.choice(newer)
                self._loop.later(self._chance.uniform(0, 0.1), self._send, task, kind)
        offset = self._append_at(partition, content)
        if partition != home and self._chance.random() < 0.4:
            self._loop.later(self._chance.uniform(0.5, 15), self._forward_again, home, partition, offset)

    def _forward_again(self, home: int, partition: int, offset: int) -> None:
        """As an owner that died before it committed, and the next one does so again: it may come much later."""
        for entry in self._broker.log(EVENTS, home).entries:
            origin = origin_of(entry.headers)
            if origin is not None and (origin.partition, origin.offset) == (partition, offset):
                self._append_at(home, (entry.key, entry.value, entry.headers))
                return

    def _append_at(self, partition: int, content: Content) -> int:
        offset = self._broker.append(EVENTS, partition, content)
        if self._trace.on:
            self._trace.add(f"event {partition}:{offset} {(content[1] or b'').decode()}")
        return offset
