"""PURE. What the ticker must remember of runs, so that a repeat is known: of retried and cancelled ones by their id, of
manual and backfilled ones by the event that asked for them.

Ordinary scheduled runs need none of this: the watermark is theirs.
"""

from collections.abc import Iterable

from tasker_core.ids import Kind
from tasker_core.ids import run_id as id_of_run
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import PendingAttempt, RunMemory
from tasker_ticker.scheduling.memory.agenda import Agenda

KEEP_SECONDS = 24 * 3600


def asked_id(task_id: str, generation: int, kind: Kind, event_id: str) -> str:
    """Under which it is remembered that an event has made its runs: the id of a run of its kind at no time."""
    return id_of_run(task_id, generation, kind, NEVER, event_id)


class RunsInHand:
    """The memory of one partition, by run id; each is kept for a day after its last change, longer while pending."""

    def __init__(self, memories: dict[str, RunMemory]) -> None:
        self._memories: dict[str, RunMemory] = {}
        self._pending, self._expiry = Agenda(), Agenda()
        self._of_task: dict[str, set[str]] = {}
        for run_id, memory in memories.items():
            self.keep(run_id, memory)

    def get(self, run_id: str) -> RunMemory | None:
        """What is known of a run."""
        return self._memories.get(run_id)

    def keep(self, run_id: str, memory: RunMemory) -> None:
        """Remember, in place of what was known."""
        if (before := self._memories.get(run_id)) is not None:
            self._pending.remove(run_id, _due(before))
            self._expiry.remove(run_id, _over(before))
        self._memories[run_id] = memory
        self._pending.add(run_id, _due(memory))
        self._expiry.add(run_id, _over(memory))
        if memory.pending:
            self._of_task.setdefault(memory.task_id, set()).add(run_id)
        else:
            self._no_longer_pending(memory.task_id, run_id)

    def pending_of(self, task_id: str) -> list[tuple[str, PendingAttempt]]:
        """The attempts of a task that are to come, by run id."""
        known = ((run_id, self._memories[run_id].pending) for run_id in sorted(self._of_task.get(task_id, ())))
        return [(run_id, pending) for run_id, pending in known if pending is not None]

    @property
    def pending(self) -> int:
        """How many attempts are to come."""
        return len(self._pending)

    def first_due(self) -> int:
        """When the next pending attempt is due, NEVER when there is none."""
        return self._pending.first()

    def due(self, to: int) -> Iterable[tuple[str, PendingAttempt]]:
        """The attempts due up to a second, earliest first; each must be kept anew before the next is asked for."""
        while (second := self._pending.first()) <= to:
            run_id = self._pending.at(second)[0]
            if pending := self._memories[run_id].pending:
                yield run_id, pending

    def first_expiry(self) -> int:
        """When the next memory is over, NEVER when there is none."""
        return self._expiry.first()

    def forget_to(self, to: int) -> list[str]:
        """Forget what is over at a second; returns the run ids."""
        gone: list[str] = []
        while (second := self._expiry.first()) <= to:
            for run_id in self._expiry.at(second):
                self._expiry.remove(run_id, second)
                del self._memories[run_id]
                gone.append(run_id)
        return gone

    def _no_longer_pending(self, task_id: str, run_id: str) -> None:
        if (ids := self._of_task.get(task_id)) is not None:
            ids.discard(run_id)
            if not ids:
                del self._of_task[task_id]


def _due(memory: RunMemory) -> int:
    return memory.pending.at if memory.pending else NEVER


def _over(memory: RunMemory) -> int:
    return NEVER if memory.pending else memory.changed_at + KEEP_SECONDS
