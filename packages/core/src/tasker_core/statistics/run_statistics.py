"""PURE. What is counted of the runs of some time: how they ended, and how well the promise was kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from tasker_core.documents.statistics import StatisticsContent
from tasker_core.statistics.batch_statistics import BatchStatistics
from tasker_core.statistics.first_attempt import PROMISE_MS, PROMISED_STAGES, STAGES, FirstAttempt, Stage
from tasker_core.statistics.histogram import DurationHistogram

Measure = Literal["lateness", Stage]
MEASURES: Final[tuple[Measure, ...]] = ("lateness", *STAGES)
_PACKED: Final = msgspec.msgpack.Decoder(list[tuple[int, dict[int, int]]])


def _no_histograms() -> dict[Measure, DurationHistogram]:
    return {measure: DurationHistogram() for measure in MEASURES}


@dataclass(slots=True)
class RunStatistics:
    """Numbers that add up: merged in any order they are those of all runs together.

    `promised` are the scheduled runs whose first attempt ended, `kept` those of them that were logged in time. `broken`
    says of the others which stage took longest, `recovered` how many were emitted late, after an outage.
    `missed` are ranges of nominal times that did not run, by reason.
    """

    outcomes: dict[str, int] = field(default_factory=dict[str, int])
    missed: dict[str, int] = field(default_factory=dict[str, int])
    promised: int = 0
    kept: int = 0
    recovered: int = 0
    broken: dict[str, int] = field(default_factory=dict[str, int])
    measures: dict[Measure, DurationHistogram] = field(default_factory=_no_histograms)

    def add_attempts(self, attempts: Iterable[tuple[FirstAttempt, int]]) -> None:
        """Take in first attempts, each with when it was logged (epoch ms)."""
        durations: dict[Measure, list[int]] = {measure: [] for measure in MEASURES}
        for one, logged_ms in attempts:
            lateness = one.lateness(logged_ms)
            durations["lateness"].append(lateness)
            durations["emission"].append(one.emission)
            durations["delivery"].append(one.delivery)
            durations["waiting"].append(one.waiting)
            durations["logging"].append(logged_ms - one.finished_ms)
            if one.execution is not None:
                durations["execution"].append(one.execution)
            if lateness > PROMISE_MS:
                slowest = max(PROMISED_STAGES, key=lambda stage: durations[stage][-1])
                self.broken[slowest] = self.broken.get(slowest, 0) + 1
            self.recovered += one.is_recovered
        self.promised += len(durations["lateness"])
        self.kept += sum(one <= PROMISE_MS for one in durations["lateness"])
        for measure, some in durations.items():
            self.measures[measure].add(some)

    def merge(self, other: "RunStatistics") -> None:
        """Take in what another one has."""
        for mine, more in ((self.outcomes, other.outcomes), (self.missed, other.missed), (self.broken, other.broken)):
            for name, number in more.items():
                mine[name] = mine.get(name, 0) + number
        self.promised += other.promised
        self.kept += other.kept
        self.recovered += other.recovered
        for measure, histogram in other.measures.items():
            self.measures[measure].merge(histogram)

    def content(self) -> StatisticsContent:
        """As it is stored."""
        stages = [self.measures[measure] for measure in STAGES]
        return {
            "outcomes": self.outcomes,
            "missed": self.missed,
            "promised": self.promised,
            "kept": self.kept,
            "recovered": self.recovered,
            "broken": self.broken,
            "lateness": _packed([self.measures["lateness"]]),
            "stages": _packed(stages),
        }


def stored_statistics(stored: StatisticsContent, *, stages: bool = True) -> RunStatistics:
    """What is stored. Without `stages` those are left empty, and may be absent."""
    measures = _no_histograms()
    (measures["lateness"],) = _unpacked(stored["lateness"])
    if stages:
        measures.update(zip(STAGES, _unpacked(stored["stages"]), strict=True))
    return RunStatistics(
        dict(stored["outcomes"]),
        dict(stored["missed"]),
        stored["promised"],
        stored["kept"],
        stored["recovered"],
        dict(stored["broken"]),
        measures,
    )


Group = tuple[int, str | None, int]
"""(epoch minute, handler, partition); without a handler what belongs to none."""


def by_group(batches: Iterable[BatchStatistics]) -> Mapping[Group, RunStatistics]:
    """What batches say, by minute, handler and partition."""
    found: dict[Group, RunStatistics] = {}
    attempts: dict[Group, list[tuple[FirstAttempt, int]]] = {}
    for batch in batches:
        logged_ms = batch.logged_ms
        for one in batch.attempts:
            attempts.setdefault((one.due_ms // 60_000, one.handler, one.partition), []).append((one, logged_ms))
        for minute, handler, partition, outcome, number in batch.outcomes:
            counts = found.setdefault((minute, handler, partition), RunStatistics()).outcomes
            counts[outcome] = counts.get(outcome, 0) + number
        for minute, partition, reason, number in batch.missed:
            counts = found.setdefault((minute, None, partition), RunStatistics()).missed
            counts[reason] = counts.get(reason, 0) + number
    for group, some in attempts.items():
        found.setdefault(group, RunStatistics()).add_attempts(some)
    return found


def _packed(histograms: Iterable[DurationHistogram]) -> bytes:
    return msgspec.msgpack.encode([(one.worst, one.counts) for one in histograms])


def _unpacked(data: bytes) -> list[DurationHistogram]:
    return [DurationHistogram(counts, worst) for worst, counts in _PACKED.decode(data)]
