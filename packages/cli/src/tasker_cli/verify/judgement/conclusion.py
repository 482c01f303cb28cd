"""PURE. What needs all records together: each occurrence has one fate, and the log says what became of each run."""

from collections import Counter

from tasker_cli.verify.instants import instant_text
from tasker_cli.verify.judgement.queued_runs import may_wait, other_may_wait
from tasker_cli.verify.judgement.run_ledger import FRESH, OUTCOMES, STATES
from tasker_cli.verify.judgement.window import ENDLESS_SECONDS, AuditedTasks
from tasker_cli.verify.lives.due_pieces import Piece


class Conclusion:
    """`deadlines`: of rows that the log shows as unfinished, the second at which that should be over (log_judge.py)."""

    def __init__(self, tasks: AuditedTasks, deadlines: dict[int, int]) -> None:
        self._tasks, self._findings, self._ledger, self._deadlines = tasks, tasks.findings, tasks.ledger, deadlines

    def judge(self) -> None:
        """Judge every row."""
        for task_id, pieces in self._tasks.pieces.items():
            self._note_ended(task_id)
            left = self._max_runs(task_id, pieces)
            for piece in pieces:
                if not self._is_plainly_right(piece, left):
                    waits = may_wait(self._tasks, piece)
                    for place in range(len(piece)):
                        self._judge_fate(piece, place, left)
                        self._judge_log(task_id, piece.base + place, piece.nominals[place], waits=bool(waits[place]))
                self._judge_ids(piece)
        self._judge_others()
        self._judge_attempts()

    def _is_plainly_right(self, piece: Piece, left: dict[int, int]) -> bool:
        """Whether every occurrence ran once, ended, and is logged as it ended: then no row need be looked at."""
        ledger, rows = self._ledger, slice(piece.base, piece.base + len(piece))
        documents, size = ledger.documents[rows], len(piece)
        right = (
            not piece.definition.paused
            and piece.base + size - 1 <= left.get(piece.base, piece.base + size)
            and ledger.emitted[rows].count(1) == size
            and ledger.missed[rows].count(0) == size
            and documents == ledger.results[rows]
            and not documents.count(0)
        )
        if right:
            self._findings.counted["due"] += size
        return right

    def _note_ended(self, task_id: str) -> None:
        ledger = self._ledger
        for run in self._tasks.lives[task_id].ended:
            if run.kind == "scheduled":
                found = self._tasks.find(task_id, run.generation, run.nominal)
                row = None if found is None else found[0].base + found[1]
            else:
                row = ledger.others.get(int(run.run_id[:16], 16))
            if row is not None:
                ledger.ended[row] = STATES.index(run.outcome)

    def _max_runs(self, task_id: str, pieces: list[Piece]) -> dict[int, int]:
        """By the base of a piece, the row behind which `max_runs` leaves nothing of it due: that of the last run.

        Runs before the window are not counted; of a task that is over, what it had left is known by its last run.
        """
        found, last = dict[int, int](), dict[int, int]()
        counts = Counter[int]()
        limited = [piece for piece in pieces if piece.definition.max_runs is not None]
        for piece in limited:
            limit = piece.definition.max_runs
            assert limit is not None, "chosen so"
            if counts[piece.generation] >= limit:
                found[piece.base] = piece.base - 1
            for row in range(piece.base, piece.base + len(piece)):
                if self._ledger.emitted[row]:
                    counts[piece.generation] += 1
                    last[piece.generation] = row
                    if counts[piece.generation] == limit:
                        found[piece.base] = row
        if self._tasks.lives[task_id].finished:
            for piece in limited:
                found.setdefault(piece.base, last.get(piece.generation, -1))
        return found

    def _judge_fate(self, piece: Piece, place: int, left: dict[int, int]) -> None:
        row, task_id = piece.base + place, piece.task_id
        emitted, missed = self._ledger.emitted[row], self._ledger.missed[row]
        nominal = piece.nominals[place]
        if missed > 1 or (emitted and missed):
            what = f"recorded as missed {missed} times, emitted {emitted} times"
            self._findings.add("doubled", nominal, task_id, what)
        if piece.definition.paused:
            self._findings.counted["while paused"] += 1
            return
        used_up = piece.definition.max_runs is not None and row > left.get(piece.base, row)
        if used_up:
            if emitted:
                self._findings.add("outside", nominal, task_id, "emitted, though max_runs was used up")
            return
        self._findings.counted["due"] += 1
        self._findings.counted["missed"] += bool(missed)
        if not emitted and not missed:
            self._judge_lost(piece, place)

    def _judge_lost(self, piece: Piece, place: int) -> None:
        time, effective, nominal = self._tasks.time, piece.effectives[place], piece.nominals[place]
        if effective > time.time:
            what = f"not decided yet: the ticker of its partition stands at {instant_text(time.time)}"
            self._findings.add("late", nominal, piece.task_id, what)
        elif time.is_open(piece.task_id, effective):
            self._findings.leave_out("occurrences in an outage that the ticker is still working off", piece.task_id)
        else:
            self._findings.add("lost", nominal, piece.task_id, "neither run nor missed")

    def _judge_log(self, task_id: str, row: int, nominal: int, *, waits: bool) -> None:
        ledger, findings = self._ledger, self._findings
        shown, result, ended = ledger.documents[row], ledger.results[row], ledger.ended[row]
        if not ledger.emitted[row]:
            return
        fresh = ledger.marks[row] & FRESH
        if not shown:
            if fresh or (waits and not result):
                findings.counted["runs not finished yet"] += 1
            else:
                findings.add("unlogged", nominal, task_id, "emitted, but not in the log")
        elif shown < len(OUTCOMES):
            if shown not in (result, ended):
                said = f"the topics say {STATES[result or ended]}" if result or ended else "no result says so"
                findings.add("wrongly_logged", nominal, task_id, f"logged as {STATES[shown]}, but {said}")
        elif result and not fresh:
            what = f"logged as {STATES[shown]}, but its result says {STATES[result]}"
            findings.add("unlogged", nominal, task_id, what)
        else:
            findings.counted["runs not finished yet"] += 1
            over = self._deadlines.get(row)
            if over is not None and over + ENDLESS_SECONDS < self._tasks.fresh_ms // 1000:
                findings.add("endless", nominal, task_id, f"still {STATES[shown]}, since {instant_text(over)} too long")

    def _judge_attempts(self) -> None:
        ledger, before_ms = self._ledger, self._tasks.fresh_ms - self._tasks.late_ms
        places = {piece.base: piece for pieces in self._tasks.pieces.values() for piece in pieces}
        bases = sorted(places)
        for row in ledger.awaited:
            if (attempt := ledger.missing_attempt(row, before_ms)) is None:
                continue
            if row >= ledger.size:
                other = ledger.other_runs[row - ledger.size]
                task_id, nominal = other.task_id, other.effective
            else:
                piece = places[max(base for base in bases if base <= row)]
                task_id, nominal = piece.task_id, piece.nominals[row - piece.base]
            what = f"attempt {attempt}, which the result of the one before it promises, never came"
            self._findings.add("lost", nominal, task_id, what)

    def _judge_ids(self, piece: Piece) -> None:
        ids = self._ledger.run_ids[piece.base : piece.base + len(piece)]
        if len(set(ids)) >= len(ids) - ids.count(0):
            return
        seen = set[int]()
        for place, one in enumerate(ids):
            if one and one in seen:
                what = f"its run has the id {one:016x}… of another"
                self._findings.add("doubled", piece.nominals[place], piece.task_id, what)
            seen.add(one)

    def _judge_others(self) -> None:
        ledger = self._ledger
        for place, run in enumerate(ledger.other_runs):
            row = ledger.size + place
            waits = other_may_wait(self._tasks, run.task_id, row)
            self._judge_log(run.task_id, row, run.effective, waits=waits)
