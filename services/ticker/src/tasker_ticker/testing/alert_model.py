"""For tests: an independent model of what one task's notified targets must be told, from what happened to it.

It keeps all that ever happened since somebody was told last, instead of the few facts that the ticker keeps.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

DAY_MS, OUTAGE_SECONDS = 86_400_000, 60
Run = tuple[int, str]
"""When it was due, in seconds, and its id."""


class Told(NamedTuple):
    """One change that a target is told."""

    target: str
    change: str
    run_id: str | None = None
    after: str | None = None
    late: str | None = None
    failures: int | None = None
    reminder: bool = False


class AlertModel:
    """One task, from its creation to its deletion; `told` is what must be told, in order.

    `notify` has entries with `kafka` alone; latenesses are written like `PT15S`.
    """

    def __init__(self, notify: list[dict[str, Any]]) -> None:
        self.told = list[Told]()
        self._notify = notify
        self._failing, self._ever_failed = list[Run](), set[str]()
        self._told_ms = 0
        self._watched = dict[Run, int]()
        """Runs whose end is awaited, and up to which lateness they are judged."""
        self._late = dict[int, list[Run]]()
        self._again = set[int]()
        self._missed_to = 0

    def define(self, notify: list[dict[str, Any]], *, other_work: bool) -> None:
        """A put of the same schedule."""
        if notify != self._notify:
            self._again, self._missed_to = set(self._late), 0
        self._notify = notify
        self._late = {late: runs for late, runs in self._late.items() if late in self._latenesses}
        if not self._wants("failed", "recovered"):
            self._failing.clear()
        if not self._latenesses:
            self._watched.clear()
        if not notify:
            self._ever_failed.clear()
        if other_work:
            self.remind()

    def remind(self) -> None:
        """The task was changed, or resumed."""
        self._told_ms = 0

    def emitted(self, run: Run) -> None:
        """A run was emitted."""
        if self._latenesses:
            self._watched[run] = 0

    def passed(self, second: int) -> None:
        """Time has come to a second, of which all ends are known."""
        for run, judged in list(self._watched.items()):
            for late in self._latenesses:
                if judged < late and run[0] + late <= second:
                    self._become_late(run, late)
                    self._watched[run] = late
            if self._latenesses and self._watched[run] >= max(self._latenesses):
                del self._watched[run]

    def ended(self, run: Run, outcome: str, ms: int) -> None:
        """A run has ended, as it is reported at this millisecond; perhaps not for the first time."""
        self._end_watch(run, outcome, ms)
        if not self._wants("failed", "recovered") or run[1] in self._ever_failed:
            return
        if outcome == "failed":
            self._ever_failed.add(run[1])
            self._failing.append(run)
            first = len(self._failing) == 1
            if first or ms - self._told_ms >= DAY_MS:
                self._told_ms = ms
                self._tell("failed", run_id=run[1], failures=len(self._failing), reminder=not first)
        elif outcome == "succeeded" and self._failing and all(run > one for one in self._failing):
            self._tell("recovered", run_id=run[1], after="failed", failures=len(self._failing))
            self._failing.clear()

    def missed(self, after: int, to: int) -> None:
        """Occurrences did not run in an outage."""
        if self._wants("missed"):
            if after - self._missed_to >= OUTAGE_SECONDS:
                self._tell("missed")
            self._missed_to = to

    def _end_watch(self, run: Run, outcome: str, ms: int) -> None:
        if run not in self._watched:
            return
        judged = self._watched.pop(run)
        for late in self._latenesses:
            if late <= judged:
                continue
            if ms > (run[0] + late) * 1000:
                self._become_late(run, late)
                continue
            awaited = any(one < run and at < late for one, at in self._watched.items())
            if outcome in ("failed", "succeeded") and not awaited and run > max(self._late.get(late) or [(2**60, "")]):
                del self._late[late]
                self._tell("recovered", run_id=run[1], after="late", late=f"PT{late}S")

    def _become_late(self, run: Run, late: int) -> None:
        runs = self._late.setdefault(late, [])
        if not runs or (late in self._again and run > max(runs)):
            self._again.discard(late)
            self._tell("late", run_id=run[1], late=f"PT{late}S")
        runs.append(run)

    @property
    def _latenesses(self) -> list[int]:
        return sorted({int(entry["late"][2:-1]) for entry in self._notify if "late" in entry["on"]})

    def _wants(self, *words: str) -> bool:
        return any(word in entry["on"] for entry in self._notify for word in words)

    def _tell(self, change: str, **about: Any) -> None:
        self.told += [Told(target, change, **about) for target in self._targets(change, **about)]

    def _targets(self, change: str, after: str | None = None, late: str | None = None, **_: Any) -> Iterator[str]:
        for entry in self._notify:
            on, of_late = entry["on"], late is not None
            told_of = ("late" in on and entry["late"] == late) if of_late else ("failed" in on or "late" not in on)
            if change in on and (told_of or (after is None and not of_late)):
                yield entry["kafka"]["topic"]
