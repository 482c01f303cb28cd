"""Reads a page of a task's occurrences: the revisions about it, and piece by piece what the log says of its times."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tasker_api.occurrences.answers import IN_THE_LOG, Answer, answers, is_counted_out, scheduled_run_id
from tasker_api.occurrences.definition import seconds
from tasker_api.occurrences.log_evidence import CatchUpRange, LogEvidence, LogPosition, log_evidence
from tasker_api.occurrences.nominal_times import nominal_times
from tasker_api.occurrences.task_history import Standing, TaskHistory
from tasker_api.queries.occurrences import OccurrenceQueries
from tasker_api.schemas.runs import OccurrenceStatus
from tasker_core.documents.partitions import PartitionDocument
from tasker_core.schedules.schedule import NEVER
from tasker_core.time.instant import from_ms
from tasker_core.time.zones import BEGIN_OF_TIME, END_OF_TIME
from tasker_core.topics import DUE_RETENTION_SECONDS

MAX_LOOKS: Final = 1_000
"""So many nominal times are looked at for one page, however few of them are asked for: tens of milliseconds of work."""
_PIECE: Final = 200


@dataclass(frozen=True, slots=True)
class OccurrencePage:
    """Answers, how far the log had come for them, and the nominal time behind which the next page goes on, if any.

    `known_from`: what was due before may not be known any more, since so long is kept (`not_kept`), or since the
    history of the task is known from then on (`before_known_history`).
    """

    answers: list[Answer]
    history: TaskHistory
    log: LogPosition
    known_from: int
    known_because: Literal["not_kept", "before_known_history"]
    more_behind: int | None


class OccurrenceReader:
    """Reads the occurrences of one task at a time. `now` is in epoch seconds."""

    def __init__(self, queries: OccurrenceQueries) -> None:
        self._queries = queries

    async def page(
        self,
        task_id: str,
        begin: int,
        end: int,
        now: int,
        limit: int,
        statuses: Container[OccurrenceStatus] | None,
        *,
        descending: bool,
    ) -> OccurrencePage | None:
        """The first `limit` answers for nominal times in [begin, end), of some statuses, or all.

        None when nothing is known of the task. Raises PyMongoError.
        """
        begin, end = max(begin, BEGIN_OF_TIME), min(end, END_OF_TIME)
        window = await self._queries.revisions(
            task_id, from_ms((end if descending else begin) * 1000), before=descending
        )
        if window.first is None:
            return None
        retention = await self._queries.retention(now)
        log = _position(await self._queries.position(task_id), now, retention.log)
        first = window.first
        created = first["event_type"] == "put" and first["version"] == first["generation"]
        known_from, kept = seconds(first["effective_from"], NEVER), now - retention.revisions
        complete = created and known_from >= kept
        days = await self._queries.calendar_days(window.revisions)
        history = TaskHistory(window.revisions, days, complete=complete)
        if window.ceiling is not None:
            end = max(min(end, seconds(window.ceiling, NEVER) - history.longest_delay), begin + 1)
        if window.floor is not None:
            begin = min(max(begin, seconds(window.floor, -NEVER) + 1), end - 1)
        cut = window.floor is not None if descending else window.ceiling is not None
        page = _Page(limit, statuses)
        looks, piece, last = 0, list[Standing](), NEVER
        for at in nominal_times(history, begin, end, descending=descending):
            if looks == MAX_LOOKS or page.is_full:
                break
            looks, last = looks + 1, at
            if (standing := history.standing(at)) is not None:
                piece.append(standing)
            if len(piece) == (_PIECE if statuses else page.left):
                await self._add(page, piece, history, log)
                piece = []
        else:
            last = NEVER if not cut else begin if descending else end - 1
        await self._add(page, piece, history, log)
        behind = page.cut() or (None if last == NEVER else last)
        if complete or known_from < log.kept_from:
            return OccurrencePage(page.answers, history, log, log.kept_from, "not_kept", behind)
        return OccurrencePage(page.answers, history, log, known_from, "before_known_history", behind)

    async def _add(self, page: "_Page", piece: Sequence[Standing], history: TaskHistory, log: LogPosition) -> None:
        """Add what is asked for of a piece."""
        evidence = await self._evidence(piece, history, log)
        for answer in answers(piece, evidence, log):
            page.add(answer)

    async def _evidence(self, piece: Sequence[Standing], history: TaskHistory, log: LogPosition) -> LogEvidence:
        asked = [one for one in piece if one.effective <= log.now]
        if not asked:
            return LogEvidence()
        task_id = asked[0].definition.revision["task_id"]
        in_the_log = [one for one in asked if one.verdict in IN_THE_LOG]
        nominal = sorted(one.nominal for one in asked)
        first, last = from_ms(nominal[0] * 1000), from_ms(nominal[-1] * 1000)
        runs = await self._queries.runs([scheduled_run_id(one) for one in in_the_log])
        backfills = await self._queries.backfills(task_id, [from_ms(at * 1000) for at in nominal])
        missed = await self._queries.missed(task_id, first, last, 2 * _PIECE) if in_the_log else []
        return log_evidence(runs, backfills, missed, await self._counted(in_the_log, history))

    async def _counted(self, piece: Sequence[Standing], history: TaskHistory) -> dict[int, int]:
        """How many runs are in the log where max_runs is used up."""
        counted: dict[int, int] = {}
        for one in (standing.definition for standing in piece):
            revision, limit = one.revision, one.limit
            generation = revision["generation"]
            if limit is not None and is_counted_out(one) and generation not in counted:
                versions = [
                    other.revision["version"]
                    for other in history.definitions
                    if other.limit is not None and other.revision["generation"] == generation
                ]
                counted[generation] = await self._queries.counted_runs(revision["task_id"], generation, versions, limit)
        return counted


class _Page:
    """Answers of some statuses: at most `limit`, and one more that says that there are more."""

    def __init__(self, limit: int, statuses: Container[OccurrenceStatus] | None) -> None:
        self._limit, self._statuses = limit, statuses
        self.answers: list[Answer] = []

    @property
    def left(self) -> int:
        return self._limit + 1 - len(self.answers)

    @property
    def is_full(self) -> bool:
        return self.left <= 0

    def add(self, answer: Answer) -> None:
        """Add an answer if it is asked for."""
        if not self.is_full and (self._statuses is None or answer.status in self._statuses):
            self.answers.append(answer)

    def cut(self) -> int | None:
        """Leave out what is too much; the nominal time behind which the next page goes on, if any is."""
        if not self.is_full:
            return None
        del self.answers[self._limit :]
        return self.answers[-1].standing.nominal


def _position(mark: PartitionDocument | None, now: int, kept: int) -> LogPosition:
    watermark = None if mark is None or mark["watermark"] is None else seconds(mark["watermark"], -NEVER)
    gaps = [] if mark is None else mark.get("catch_up", [])
    catch_up = [CatchUpRange(seconds(g["from"], -NEVER), seconds(g["to"], NEVER), g["after_task"]) for g in gaps]
    return LogPosition(now, watermark, catch_up, now - kept, now - DUE_RETENTION_SECONDS)
