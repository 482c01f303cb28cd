"""What was emitted and told, set against what had to be: each occurrence has exactly one fate."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.simulation.oracle.committed_log import Turn
from tests.simulation.oracle.expected_verdicts import Answers, Attempts, run_id
from tests.simulation.oracle.invariants import hold
from tests.simulation.oracle.reference_calendar import calendar, ms, second
from tests.simulation.oracle.task_model import Expected, Life

Body = dict[str, Any]
LIVE_SECONDS = 10


@dataclass(slots=True)
class Fate:
    """Of one occurrence: the record of its run, in which lane and turn, and the turn before that.

    `emitted`: the second in which its owner may first have had it emitted, by its own clock.
    """

    body: Body
    live: bool
    turn: Turn
    before: Turn | None
    emitted: int


@dataclass(slots=True)
class Miss:
    """A range of nominal seconds that was said to be missed."""

    first: int
    last: int
    reason: str
    turn: Turn


class Emitted:
    """All runs and words of one partition. `ahead_ms`: how early a run may be, for the clocks' sake.

    `behind_ms`: how far clocks were set back. What is emitted after a cancel of all says to be emitted later than it.
    """

    def __init__(self, answers: Answers, ahead_ms: int, behind_ms: int) -> None:
        self._answers, self._ahead_ms, self._behind_ms = answers, ahead_ms, behind_ms
        self.runs: dict[tuple[str, int, int], Fate] = {}
        self.missed: dict[tuple[str, int], list[Miss]] = {}
        self.gaps: dict[int, int] = {}
        self.background: list[tuple[Body, Turn]] = []
        self._before: Turn | None = None
        self._cancelled = Counter[str](), Counter[str]()

    def take(self, turn: Turn) -> None:
        """Take in one turn, its events having been answered."""
        self._gaps(turn)
        for live, bodies in ((True, turn.due), (False, turn.background)):
            for body in bodies:
                if body["type"] == "run":
                    self._run(body, turn, live=live)
                    if not live:
                        self.background.append((body, turn))
                elif "run_id" not in body:
                    self._cancelled[live][body["task_id"]] += 1
            cancels = [(body["task_id"], body.get("run_id")) for body in bodies if body["type"] == "cancel"]
            rule = "retries and cancels end in an attempt or a word"
            hold(cancels == self._answers.cancels, rule, f"told to cancel {cancels}, not {self._answers.cancels}")
        self._answers.cancels.clear()
        self._before = turn
        retries = "retries and cancels end in an attempt or a word"
        told = [body for body in turn.verdicts if body["type"] == "ended"]
        found = sorted((body["run_id"], body["attempt"], body["reason"]) for body in told)
        hold(found == sorted(self._answers.ended), retries, f"ended {found}, not {self._answers.ended}")
        self._answers.ended.clear()
        hold(not self._answers.manual, "never silently lost", f"triggered, but not in the turn: {self._answers.manual}")
        for body in turn.verdicts:
            if body["type"] == "missed":
                miss = Miss(second(body["from"]), second(body["to"]), body["reason"], turn)
                self.missed.setdefault((body["task_id"], body["generation"]), []).append(miss)
            elif body["type"] == "backfill.ended":
                self._filled(body)

    def _gaps(self, turn: Turn) -> None:
        """Note how far each gap reaches; the last one may have grown in the very turn that closed it."""
        gaps = [(second(gap["from"]), second(gap["to"])) for gap in turn.mark.get("catch_up", ())]
        before = self._before
        if before is not None and (last := before.mark.get("catch_up", [None])[-1]) is not None:
            after, to = second(last["from"]), second(last["to"])
            if to == before.time and not last["after_task"] and after not in dict(gaps):
                gaps.append((after, max(to, turn.time - LIVE_SECONDS)))
        self.gaps.update(gaps)

    def _run(self, body: Body, turn: Turn, *, live: bool) -> None:
        task, generation, nominal = body["task_id"], body["generation"], second(body["nominal_at"])
        attempt, kind, identity = body.get("attempt", 1), body.get("kind", "scheduled"), body["run_id"]
        told = f"{body} became visible at {turn.ms}"
        hold((identity, attempt) not in self._answers.out, "never twice", told)
        self._answers.out[identity, attempt] = self._cancelled[live][task]
        hold(ms(body["effective_at"]) <= turn.ms + self._ahead_ms, "never early", told)
        if attempt > 1:
            self._again(identity, attempt, turn, told)
        elif kind == "scheduled":
            lost = "never silently lost"
            hold(identity == run_id(task, generation, kind, nominal), lost, f"{told}: the run id is another's")
            hold((task, generation, nominal) not in self.runs, "never twice", told)
            ahead = f"{told}, though its watermark is {turn.mark}"
            hold(second(body["effective_at"]) <= turn.decided(task), "whole turns, one after the other", ahead)
            set_back = self._behind_ms if self._cancelled[live][task] else 0
            emitted = (ms(body["emitted_at"]) - set_back) // 1000
            self.runs[task, generation, nominal] = Fate(body, live, turn, self._before, emitted)
        elif kind == "manual":
            hold(identity in self._answers.manual, "never twice", f"{told}, but was not triggered in this turn")
            payload = self._answers.manual.pop(identity)
            hold(body.get("payload") == payload, "never retroactive", f"{told}, with another payload than {payload}")
        else:
            self._fill(task, generation, nominal, identity, told)

    def _again(self, identity: str, attempt: int, turn: Turn, told: str) -> None:
        known, rule = self._answers.runs.get(identity, Attempts("")), "retries and cancels end in an attempt or a word"
        hold(known.pending is not None and known.pending[0] == attempt, rule, f"{told}, but was not to come: {known}")
        assert known.pending is not None
        hold(turn.ms + self._ahead_ms >= known.pending[1] * 1000, "never early", f"{told}, due at {known.pending[1]}")
        known.attempt, known.pending = attempt, None

    def _fill(self, task: str, generation: int, nominal: int, identity: str, told: str) -> None:
        rule = "a backfill runs each of its times once"
        for (of, event_id, since), filling in self._answers.fillings.items():
            same = (of, since) == (task, generation)
            if same and run_id(task, generation, "backfill", nominal, event_id) == identity:
                hold(not filling.ended, rule, f"{told} after its backfill was over")
                filling.ran.append(nominal)
                return
        hold(False, rule, f"{told}, but nobody asked for it")

    def _filled(self, body: Body) -> None:
        rule = "a backfill runs each of its times once"
        filling = self._answers.fillings.get((body["task_id"], body["event_id"], body["generation"]))
        hold(filling is not None, rule, f"{body}, but nobody asked for it")
        assert filling is not None
        filling.ended = True
        hold(body["runs"] == len(filling.ran), rule, f"{body} of {filling}")
        life = self._answers.lives.get(filling.task)
        gone = life is None or life.generation != filling.generation
        hold(gone == (body["reason"] == "deleted"), rule, f"{body} though its task is {'gone' if gone else 'there'}")
        if life is None or gone or len(life.changes) > filling.changes:
            return
        asked = filling.asked
        times = [second(text) for text in asked.get("times") or ()]
        if not times:
            first, end = second(asked["start"]), second(asked["end"])
            times = [at for at, _ in calendar(life.body["schedule"], life.task).occurrences if first <= at < end]
        hold(filling.ran == sorted(set(times)), rule, f"{filling}: asked for {times}")


def judge(answers: Answers, emitted: Emitted, last: Turn | None) -> None:
    """Raises Broken unless every occurrence up to the last watermark has exactly one fate, and the right one."""
    assert last is not None
    for life in answers.all.values():
        decided = last.decided(life.task)
        if not life.ended:
            life.list_to(decided)
        _one_fate_each(life, emitted, decided)
    for (task, generation, _), fate in emitted.runs.items():
        known = (task, generation) in answers.all
        hold(known, "never retroactive", f"{fate.body}: there is no such task")
    rule = "retries and cancels end in an attempt or a word"
    for identity, known in answers.runs.items():
        left = known.pending is not None and known.pending[1] <= last.time - LIVE_SECONDS
        hold(not left, rule, f"run {identity}: {known} was never emitted")
    for filling in answers.fillings.values():
        hold(filling.ended, "a backfill runs each of its times once", f"{filling} is not done at {last.time}")


def _one_fate_each(life: Life, emitted: Emitted, decided: int) -> None:
    runs = {nominal: fate for (*of, nominal), fate in emitted.runs.items() if (*of,) == life.key}
    missed = emitted.missed.get(life.key, [])
    counted = 0
    for nominal, fate in runs.items():
        expected = life.expected.get(nominal)
        told = f"{fate.body} became visible at {fate.turn.ms}"
        hold(expected is not None, "never retroactive", f"{told}, though no definition that stood then has it")
        assert expected is not None
        _right_version(life, fate, expected, told)
        if (most := life.bodies[fate.body["version"]]["schedule"].get("max_runs")) is not None:
            counted += 1
            hold(counted <= most, "never retroactive", f"{told}: run {counted} of at most {most}")
    for nominal, expected in life.expected.items():
        if expected.effective > decided:
            continue
        told = f"task {life.task} of {life.generation}, nominal {nominal}, {expected}"
        said = [miss for miss in missed if miss.first <= nominal <= miss.last]
        hold(len(said) + (nominal in runs) <= 1, "never twice", f"{told}: run {runs.get(nominal)}, missed {said}")
        if not said and nominal not in runs:
            most = life.bodies[expected.version]["schedule"].get("max_runs")
            hold(most is not None and len(runs) >= most, "never silently lost", f"{told}: it has no fate")


def _right_version(life: Life, fate: Fate, expected: Expected, told: str) -> None:
    body, rule = fate.body, "never retroactive"
    hold(second(body["effective_at"]) == expected.effective, rule, f"{told}, but is effective at {expected.effective}")
    payload = life.bodies.get(body["version"], {}).get("payload")
    hold(body.get("payload") == payload, rule, f"{told}: version {body['version']} has the payload {payload}")
    if fate.live and not expected.at_once:
        decided = fate.before is not None and expected.effective <= fate.before.decided(life.task)
        hold(not decided, "whole turns, one after the other", f"{told}, but the turn before it was past that already")
        next_at = body.get("next_at")
        rule_of_next = "the next time that is told is the next one"
        right = life.next_told(body["version"], expected.effective, second(body["nominal_at"]), next_at)
        hold(right, rule_of_next, told)
        late = fate.emitted - expected.effective
        hold(late <= LIVE_SECONDS, "catching up never delays what is due now", f"{told}, {late} s late, as if on time")
    if fate.live or expected.at_once:
        hold(body["version"] == expected.version, rule, f"{told}, under version {expected.version} it should be")
    else:
        hold(body["version"] >= expected.version, rule, f"{told}, under an older version than {expected.version}")
