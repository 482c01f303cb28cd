"""PURE. What a batch adds to the statistics: each run once, however often it is reported, by what is stored of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from tasker_core.documents.missed_occurrences import MissedContent
from tasker_core.documents.runs import FirstAttemptDocument, RunContent, RunDocument
from tasker_core.run_states import FINAL_STATES, is_final
from tasker_core.statistics.batch_statistics import BatchStatistics
from tasker_core.statistics.first_attempt import has_first_end
from tasker_core.statistics.logged_runs import OutcomeGroup, outcome_group
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.decoded_record import DecodedRecord


class StatisticsDraft:
    """Collects what the records of a batch add, one after the other."""

    def __init__(self, logged: datetime) -> None:
        self._logged = logged
        self._batch = BatchStatistics(to_ms(logged))
        self._outcomes: dict[OutcomeGroup, int] = {}
        self.first_attempts: dict[str, FirstAttemptDocument] = {}
        """By run id, of runs that will not show it: it is stored with them."""

    def add_run(self, record: DecodedRecord, report: RunContent, before: RunContent | None, after: RunContent) -> None:
        """One report of a run, and what is known of the run before and after it."""
        promised, state = record.first_attempt, after["state"]
        if promised is not None and (before is None or not has_first_end(before)):
            self._batch.attempts.append(promised)
            is_shown = after["attempt"] == 1 and after["worker"] == report["worker"]
            if report["retry_at"] is not None or not is_shown:
                self._keep(report)
        if is_final(state) and (before is None or before["state"] not in FINAL_STATES):
            if promised is not None:  # the same, and sooner
                group = (promised.due_ms // 60_000, promised.handler, record.partition, state, False)
            else:
                group = outcome_group(after, record.partition)
            if group is not None:
                self._outcomes[group] = self._outcomes.get(group, 0) + 1

    def finished(self, missed: Iterable[tuple[MissedContent, int]]) -> BatchStatistics:
        """All of it, with the new ranges of missed occurrences and their partitions."""
        ranges = Counter((to_ms(one["to_at"]) // 60_000, partition, one["reason"]) for one, partition in missed)
        self._batch.outcomes = [(*group, number) for group, number in self._outcomes.items()]
        self._batch.missed = [(*group, number) for group, number in ranges.items()]
        return self._batch

    def _keep(self, report: RunContent) -> None:
        assert report["finished_at"] is not None
        self.first_attempts[report["_id"]] = {
            "lane": report["lane"],
            "emitted_at": report["emitted_at"],
            "received_at": report["received_at"],
            "started_at": report["started_at"],
            "finished_at": report["finished_at"],
            "logged_at": cast("RunDocument", report).get("logged_at", self._logged),  # a rebuild knows better
        }
