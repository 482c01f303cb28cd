"""PURE. Documents of tasks that earlier releases wrote, with the fields that they lack."""

from tasker_core.documents.tasks import TaskStateFields
from tasker_core.run_states import is_final
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.failures_in_a_row import Streak, run_position


def completed(stored: TaskStateFields) -> TaskStateFields:
    """A copy of what is stored of a task, all fields in it.

    How its runs ended is known of the last one alone: failures in a row are counted from there on (a rebuild counts as
    far back as Kafka goes).
    """
    if "streak" in stored:
        return stored.copy()
    last, generation = stored["last_run"], stored["generation"]
    streak, outcome = Streak(generation), None
    if last is not None and is_final(last["state"]):
        outcome, run = last["state"], run_position(to_ms(last["effective_at"]), last["run_id"])
        if last["version"] >= generation and outcome in ("succeeded", "failed"):
            streak = Streak(generation, run) if outcome == "succeeded" else Streak(generation, 0, (run,))
    return {
        **stored,
        "last_outcome": outcome,
        "outcome_of": stored["last_of"] if outcome else [0, 0, "", 0],
        "failures": len(streak.failed),
        "streak": streak.document(),
    }
