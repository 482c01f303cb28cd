"""PURE. What became of a nominal time, in one plain sentence.

Instants are told at the clock of the schedule. Who and why come from the revisions: what these don't say isn't guessed.
"""

from datetime import timedelta
from typing import Final

from tasker_api.occurrences.answers import Answer
from tasker_api.occurrences.definition import DefinitionInForce
from tasker_api.occurrences.log_evidence import LogPosition
from tasker_api.occurrences.run_wording import run_in_words
from tasker_api.occurrences.schedule_clock import clock_time
from tasker_api.occurrences.task_history import TaskHistory
from tasker_core.documents.revisions import RevisionDocument
from tasker_core.schedules.schedule import NEVER
from tasker_core.schedules.wording import duration_in_words
from tasker_core.time.duration import parse_duration
from tasker_core.time.instant import parse_second

_CHANNELS: Final = {"rest": "over REST", "ui": "in the web UI", "kafka": "by a Kafka event", "import": "by an import"}
_CHANGED: Final = {"paused": "was paused", "deleted": "was deleted", "changed": "was given another schedule"}


class Wording:
    """The sentences about one task. `log`: how far the log has come; `history`: its definitions."""

    def __init__(self, log: LogPosition, history: TaskHistory) -> None:
        self._log, self._history = log, history

    def text(self, answer: Answer) -> str:
        """The sentence, and a second one about a backfill."""
        said = self._said(answer)
        if answer.standing.effective > self._log.now:
            said = said.replace("Not run", "Will not run", 1)
        if answer.backfill is not None:
            of_it = run_in_words(answer.backfill, answer.standing.definition)
            said += f" Backfilled: {of_it[0].lower()}{of_it[1:]}"
        return said

    def _said(self, answer: Answer) -> str:
        one = answer.standing.definition
        match answer.status:
            case "missed":
                return f"Missed: {self._why_missed(answer)}."
            case "paused":
                return self._paused(answer)
            case "excluded":
                return f"Not run: version {one.revision['version']} leaves this time out {_left_out_by(answer)}."
            case "superseded" | "deleted":
                return self._replaced(answer)
            case "ended":
                return self._ended(answer)
            case "before":
                return self._before(answer)
            case "coming":
                return self._coming(answer)
            case "pending":
                return self._pending(answer)
            case "unknown":
                return self._unknown(answer)
            case "unaccounted":
                return (
                    "Unaccounted for: it was due, nothing excuses it, and the log, which has passed it, holds "
                    "neither a run nor a miss. Please report this."
                )
            case _:
                assert answer.run is not None
                return run_in_words(answer.run, one)

    def _why_missed(self, answer: Answer) -> str:
        # An edit may have come between the occurrence and the decision: it was made under the version of the range.
        rule = None if answer.missed is None else self._history.of_version(answer.missed["version"])
        misfire = None if rule is None or rule.task is None else rule.task.misfire_options
        grace = "its grace" if misfire is None else f"its grace ({_grace(misfire.grace)})"
        late = f"it could not be emitted within {grace}"
        match answer.reason:
            case "policy":
                return f"{late}, and the misfire policy `none` runs nothing that is late"
            case "coalesced":
                return f"{late}, and the misfire policy `latest` runs only the newest of what is late"
            case "over_max":
                most = "" if misfire is None else f" {misfire.max}"
                return f"{late}, and the misfire policy `all` runs only the newest{most} of what is late"
            case "too_old":
                return "it was more than 24 hours late, and a one-time task runs at most 24 hours late"
            case reason:
                changed = _CHANGED.get(reason or "", "changed")
                return f"it was due in an outage, and before that was caught up the task {changed}{self._by(answer)}"

    def _by(self, answer: Answer) -> str:
        change = answer.change
        if change is None:
            return ""
        return f" at {clock_time(change.begin, answer.standing.definition)} {by_whom(change.revision)}"

    def _paused(self, answer: Answer) -> str:
        one, change = answer.standing.definition, answer.change
        since, by, note = pause_of(one)
        begun = clock_time(since, one)
        if change is None:
            unless = " unless it is resumed before" if answer.standing.effective > self._log.now else ""
            return f"Not run{unless}: the task has been paused since {begun}, {by}{_noted(note)}."
        return f"Not run: the task was paused from {begun} to {clock_time(change.begin, one)}, {by}{_noted(note)}."

    def _replaced(self, answer: Answer) -> str:
        one, change = answer.standing.definition, answer.change
        assert change is not None
        done, who = clock_time(change.begin, one), by_whom(change.revision)
        if change is one:
            return f"Not run: the task was deleted at {done} {who}{_noted(change.revision['note'])}."
        if change.is_end:
            what = "the task was deleted"
        elif change.revision["event_type"] == "calendar":
            what = "its days were changed"
        else:
            what = f"version {change.revision['version']} replaced the schedule"
        return (
            f"Not run: {what} at {done} {who}, before its effective time {clock_time(answer.standing.effective, one)}."
        )

    def _ended(self, answer: Answer) -> str:
        one = answer.standing.definition
        match answer.reason:
            case "max_runs":
                return f"Not run: max_runs allows {one.limit} runs, and they had all been used."
            case "removed":
                return f"Not run: the task had finished, and was removed at {clock_time(one.begin, one)}."
            case _:
                end = NEVER if one.schedule is None else one.schedule.bounds[1]
                upto = "" if end == NEVER else f" at {clock_time(end, one)}"
                return f"Not run: the schedule of version {one.revision['version']} ends{upto}."

    def _before(self, answer: Answer) -> str:
        one = answer.standing.definition
        if answer.reason == "start" and one.schedule is not None:
            start = clock_time(one.schedule.bounds[0], one)
            return f"Not run: the schedule of version {one.revision['version']} starts at {start}."
        return f"Not run: the task was only created at {clock_time(one.begin, one)}, {by_whom(one.revision)}."

    def _coming(self, answer: Answer) -> str:
        standing, one = answer.standing, answer.standing.definition
        delay = timedelta(seconds=standing.effective - standing.nominal)
        spread = f", {duration_in_words(delay)} after its nominal time because of `spread`" if delay else ""
        unless = "" if one.limit is None else f", unless its max_runs ({one.limit}) are used up before"
        return f"Will run at {clock_time(standing.effective, one)}{spread}{unless}."

    def _pending(self, answer: Answer) -> str:
        mark, one = self._log.watermark, answer.standing.definition
        if answer.reason == "catching_up":
            return "Due in an outage that is being caught up: it will run, or be recorded as missed."
        if answer.reason == "not_logged":
            return "Due and decided, but not in the log yet: most likely its run waits for an executor or runs there."
        if mark is None:
            return "Due, and nothing is logged of how far the ticker has come."
        return f"Due, and not decided yet: by the log, the ticker has come to {clock_time(mark, one)}."

    def _unknown(self, answer: Answer) -> str:
        one = answer.standing.definition
        if answer.reason == "not_kept":
            kept = clock_time(self._log.kept_from, one)
            return f"Not known any more: what was due before {kept} may have expired from the log, and this has."
        if answer.reason == "not_counted":
            return (
                f"Not known any more: max_runs allowed {one.limit} runs, the log holds fewer by now, "
                "and whether this was one of them it does not say."
            )
        first = clock_time(one.begin, one)
        return f"Not known: the history of the task is kept from {first} on, and the log has nothing of this time."


def _left_out_by(answer: Answer) -> str:
    one = answer.standing.definition
    found = one.excluding_calendar(answer.standing.nominal)
    if found is not None and one.excluding_entry(answer.standing.nominal) is None:
        name, required = found
        which = f"the calendar `{name}` (version {one.revision['calendars'][name]})"
        return f"since it is on no day of {which}, which it requires" if required else f"by {which}"
    return f"by `{answer.reason}`, an entry of its `exclude`" if answer.reason else "by its `exclude`"


def by_whom(revision: RevisionDocument) -> str:
    """`by alice over REST`, as far as is known."""
    if revision["event_type"] == "calendar":
        return f"by the calendar {revision['note']}"
    actor, channel = revision["actor"], _CHANNELS.get(revision["channel"] or "")
    if actor == "tasker":
        return "by Tasker itself"
    if actor is None:
        return f"{channel} without a name" if channel else "by somebody who is not known any more"
    if channel is None:
        return f"by {actor}"
    return f"by {actor}{' in' if channel.startswith('by') else ''} {channel.removeprefix('by ')}"


def pause_of(definition: DefinitionInForce) -> tuple[int, str, str | None]:
    """Since when a paused definition was paused, by whom in words, and the note; as far as is known."""
    revision, pause = definition.revision, definition.pause
    if pause is None or parse_second(pause.at) == definition.begin:
        return definition.begin, by_whom(revision), revision["note"]
    by = "by Tasker itself" if pause.by == "tasker" else f"by {pause.by}" if pause.by else "without a name"
    return parse_second(pause.at), by, pause.note


def _grace(text: str) -> str:
    grace = parse_duration(text)
    return duration_in_words(grace) if grace else "none"


def _noted(note: str | None) -> str:
    return f" ({note})" if note else ""
