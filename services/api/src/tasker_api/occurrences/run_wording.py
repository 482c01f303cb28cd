"""PURE. What became of a run, in one plain sentence."""

from tasker_api.occurrences.definition import DefinitionInForce
from tasker_api.occurrences.schedule_clock import clock_time
from tasker_core.documents.runs import RunDocument
from tasker_core.time.instant import to_ms


def run_in_words(run: RunDocument, definition: DefinitionInForce) -> str:
    """The sentence."""
    at, error = run_time(run, definition), run["error"]
    why = "" if error is None else f": {error['message']}"
    attempt = f" in attempt {run['attempt']}" if run["attempt"] > 1 else ""
    match run["state"]:
        case "succeeded":
            return f"Ran at {at}{attempt} and succeeded."
        case "failed":
            return f"Ran at {at}{attempt} and failed{_ended(why)}"
        case "skipped":
            return f"Skipped{_ended(why) if why else ': an earlier run of the task was not finished.'}"
        case "cancelled":
            return f"Cancelled {'while it ran' if run['started_at'] is not None else 'before it started'}{_ended(why)}"
        case "running":
            return f"Running since {at}{attempt}."
        case "waiting":
            return f"Started at {at}, and waits for its callback{_due(run, definition, ' until')}."
        case "retrying":
            return f"Attempt {run['attempt']} failed at {at}{why}; the next one is due{_due(run, definition, ' at')}."


def run_time(run: RunDocument, definition: DefinitionInForce) -> str:
    """When a run was started, or if it wasn't, received."""
    return clock_time(to_ms(run["started_at"] or run["received_at"]) // 1000, definition)


def _due(run: RunDocument, definition: DefinitionInForce, word: str) -> str:
    at = run.get("retry_at")
    return " soon" if at is None else f"{word} {clock_time(to_ms(at) // 1000, definition)}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
