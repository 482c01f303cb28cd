"""PURE. What must be remembered of runs, so that a repeated event is recognised.

Retried, cancelled and waiting ones are remembered by the id of the run, manual and backfilled ones by the event that
requested them. Ordinary scheduled runs need none of this: the watermark covers them.
"""

from collections.abc import Iterable

from tasker_core.ids import Kind
from tasker_core.ids import run_id as id_of_run
from tasker_core.schedules.schedule import NEVER
from tasker_core.ticker_state import PendingAttempt, RunMemory
from tasker_ticker.scheduling.memory.agenda import Agenda

KEEP_SECONDS = 24 * 3600


def request_id(task_id: str, generation: int, kind: Kind, event_id: str) -> str:
    """The key under which it is remembered that an event has made its runs: the id of a run of its kind at no time."""
    return id_of_run(task_id, generation, kind, NEVER, event_id)


class RunMemoryIndex:
    """The run memories of one partition, by run id, by task, by due time and by expiry.

    Each is kept for a day after its last change, longer while an attempt is pending.
    """

    def __init__(self, restored: dict[str, RunMemory]) -> None:
        self._memories: dict[str, RunMemory] = {}
        self._pending, self._expiry = Agenda(), Agenda()
        self.waiting_count = 0
        """How many of the pending attempts wait for their callback."""
        self._pending_by_task: dict[str, set[str]] = {}
        for run_id, memory in restored.items():
            self.put(run_id, memory)

    def get(self, run_id: str) -> RunMemory | None:
        """What is remembered of a run."""
        return self._memories.get(run_id)

    def of_task(self, run_id: str, task_id: str) -> RunMemory | None:
        """What is remembered of a run of this task; a cancel of another task may have named its id."""
        memory = self._memories.get(run_id)
        return None if memory is None or memory.task_id != task_id else memory

    def put(self, run_id: str, memory: RunMemory) -> None:
        """Remember, in place of what was remembered before."""
        if (before := self._memories.get(run_id)) is not None:
            self._pending.remove(run_id, _due(before))
            self._expiry.remove(run_id, _expires(before))
            self.waiting_count -= _waits(before)
        self._memories[run_id] = memory
        self.waiting_count += _waits(memory)
        self._pending.add(run_id, _due(memory))
        self._expiry.add(run_id, _expires(memory))
        if memory.pending:
            self._pending_by_task.setdefault(memory.task_id, set()).add(run_id)
        else:
            self._remove_pending(memory.task_id, run_id)

    def pending_of(self, task_id: str) -> list[tuple[str, PendingAttempt]]:
        """The pending attempts of a task, by run id."""
        run_ids = sorted(self._pending_by_task.get(task_id, ()))
        attempts = ((run_id, self._memories[run_id].pending) for run_id in run_ids)
        return [(run_id, pending) for run_id, pending in attempts if pending is not None]

    @property
    def pending_count(self) -> int:
        """How many attempts are pending."""
        return len(self._pending)

    def first_due(self) -> int:
        """When the next pending attempt is due, NEVER when there is none."""
        return self._pending.first()

    def due_attempts(self, to: int) -> Iterable[tuple[str, PendingAttempt]]:
        """The attempts due up to a second, earliest first; each must be put anew before the next is asked for."""
        while (second := self._pending.first()) <= to:
            for run_id in self._pending.at(second):  # sorted once: thousands may have one deadline
                if pending := self._memories[run_id].pending:
                    yield run_id, pending

    def first_expiry(self) -> int:
        """When the next memory expires, NEVER when there is none."""
        return self._expiry.first()

    def expire(self, to: int, limit: int) -> list[str]:
        """Discard what has expired at a second, up to `limit` of them; returns the run ids."""
        expired: list[str] = []
        while len(expired) < limit and (second := self._expiry.first()) <= to:
            for run_id in self._expiry.at(second)[: limit - len(expired)]:
                self._expiry.remove(run_id, second)
                del self._memories[run_id]
                expired.append(run_id)
        return expired

    def _remove_pending(self, task_id: str, run_id: str) -> None:
        if (run_ids := self._pending_by_task.get(task_id)) is not None:
            run_ids.discard(run_id)
            if not run_ids:
                del self._pending_by_task[task_id]


def _due(memory: RunMemory) -> int:
    return memory.pending.at if memory.pending else NEVER


def _waits(memory: RunMemory) -> bool:
    return memory.pending is not None and memory.pending.wait is not None


def _expires(memory: RunMemory) -> int:
    return NEVER if memory.pending else memory.changed_at + KEEP_SECONDS
