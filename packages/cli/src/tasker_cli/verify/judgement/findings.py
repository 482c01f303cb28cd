"""PURE. What an audit finds: violations by their kind, what could not be judged, and how late things came."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

Violation = Literal[
    "lost",
    "doubled",
    "early",
    "late",
    "outside",
    "missed_wrongly",
    "unanswered",
    "stray_result",
    "unlogged",
    "logged_late",
    "wrongly_logged",
    "endless",
]
VIOLATIONS: Final[dict[Violation, str]] = {
    "lost": "neither run nor recorded as missed; or a requested run, or a further attempt, that never came",
    "doubled": "more than one fate: emitted twice, missed twice, or both; or one run id for two of them",
    "early": "emitted or carried out before its time",
    "late": "emitted too late, without an outage after which it may",
    "outside": "emitted though nothing was due or asked for: paused, deleted, or at no time of its schedule",
    "missed_wrongly": "recorded as missed though it was not late, not due, or should have run by its misfire policy",
    "unanswered": "an event without a verdict",
    "stray_result": "a result of a run that was never emitted",
    "unlogged": "emitted or missed, but the log does not say what became of it",
    "logged_late": "shown by the log too late",
    "wrongly_logged": "the log shows what the topics don't say",
    "endless": "logged as unfinished long after its time",
}
EXAMPLES: Final = 5
FINE_MS: Final = 10_000
COARSE_MS: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One violation: of which nominal epoch second, of which task, and what is wrong."""

    second: int
    task_id: str
    what: str


@dataclass(slots=True)
class Lateness:
    """Delays after effective times in milliseconds, in steps of 1 ms up to 10 s, then of 100 ms: it stays small."""

    counts: Counter[int] = field(default_factory=Counter[int])
    worst: tuple[int, int, str] | None = None
    """(milliseconds, effective second, task id) of the greatest."""
    _worst_ms: int = -1

    def add(self, ms: int, second: int, task_id: str) -> None:
        """Count one delay."""
        self.counts[ms if ms < FINE_MS else ms - ms % COARSE_MS] += 1
        if ms > self._worst_ms or self.worst is None:
            self._worst_ms = ms
            self.worst = (ms, second, task_id)

    def merge(self, other: "Lateness") -> None:
        """Add those of another part."""
        self.counts.update(other.counts)
        self.worst = max(filter(None, (self.worst, other.worst)), default=None)

    def quantile(self, share: float) -> int | None:
        """The delay that this share of all does not exceed, None when there is none."""
        wanted, seen = share * self.counts.total(), 0
        for ms in sorted(self.counts):
            seen += self.counts[ms]
            if seen >= wanted:
                return ms
        return None


@dataclass(slots=True)
class Findings:
    """Counts and examples. What is no violation is counted, too.

    `counted` by words: what was due, emitted, missed, … (report.py lists them); `unaudited`: what could not be judged,
    by reason, and of which task the first one is. `appended`: from the effective time to the broker's timestamp of the
    run, which may lie up to 0.9 s before it, as runs are sent early in a transaction that ends at their second;
    `received`: to its executor; `logged`: to the log. `outages`: effective seconds (from, to], by partition.
    """

    counts: Counter[Violation] = field(default_factory=Counter[Violation])
    examples: dict[Violation, list[Example]] = field(default_factory=dict[Violation, list[Example]])
    counted: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    unaudited: Counter[str] = field(default_factory=Counter[str])
    unaudited_first: dict[str, str] = field(default_factory=dict[str, str])
    outages: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    appended: Lateness = field(default_factory=Lateness)
    received: Lateness = field(default_factory=Lateness)
    logged: Lateness = field(default_factory=Lateness)

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.counts.total()

    def add(self, kind: Violation, second: int, task_id: str, what: str) -> None:
        """Count a violation; the earliest ones are kept as examples."""
        self.counts[kind] += 1
        self._keep(kind, [Example(second, task_id, what)])

    def leave_out(self, reason: str, task_id: str, number: int = 1) -> None:
        """Something of a task can't be judged."""
        self.unaudited[reason] += number
        self.unaudited_first.setdefault(reason, task_id)

    def merge(self, other: "Findings") -> None:
        """Add those of another part."""
        self.counts.update(other.counts)
        self.counted.update(other.counted)
        self.outcomes.update(other.outcomes)
        self.unaudited.update(other.unaudited)
        self.unaudited_first = {**other.unaudited_first, **self.unaudited_first}
        self.outages += other.outages
        for kind, examples in other.examples.items():
            self._keep(kind, examples)
        self.appended.merge(other.appended)
        self.received.merge(other.received)
        self.logged.merge(other.logged)

    def _keep(self, kind: Violation, examples: list[Example]) -> None:
        kept = self.examples.setdefault(kind, [])
        kept += examples
        if len(kept) > 4 * EXAMPLES:
            kept.sort()
            del kept[EXAMPLES:]

    def first_examples(self, kind: Violation) -> list[Example]:
        """The earliest violations of a kind."""
        return sorted(self.examples.get(kind, ()))[:EXAMPLES]
