"""PURE. Documents of tasks that earlier releases wrote, with the fields that they lack."""

from tasker_core.documents.tasks import TaskStateFields
from tasker_core.run_states import is_final
from tasker_core.time.instant import to_ms
from tasker_log_sink.projection.tasks.run_outcomes import RunOutcomes, run_position


def completed(stored: TaskStateFields) -> TaskStateFields:
    """A copy of what is stored of a task, all fields in it.

    How its runs ended is known of the last one alone: failures in a row are counted from there on (a rebuild counts as
    far back as Kafka goes).
    """
    whole = stored.copy()
    whole.setdefault("calendars", [])
    whole.setdefault("last_nominal_ms", 0)
    if "ended_of" in stored:
        return whole
    last, outcomes = stored["last_run"], RunOutcomes(stored["generation"])
    if last is not None and is_final(state := last["state"]) and last["version"] >= outcomes.generation:
        run = run_position(to_ms(last["effective_at"]), last["run_id"])
        after, failed = run if state == "succeeded" else 0, (run,) if state == "failed" else ()
        outcomes = RunOutcomes(outcomes.generation, run, state, after, failed)
    outcomes.set_in(whole)
    return whole
