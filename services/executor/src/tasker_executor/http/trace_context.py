"""PURE. The trace that a run belongs to, for what it calls (W3C Trace Context)."""

import re

from tasker_core.messages import Run

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")


def traceparent(run: Run) -> str | None:
    """The run's own, else one of a trace that bears the run's id, in which each attempt is a span; None without either.

    So what others record of a call is found by the run's id.
    """
    if run.traceparent or not _TRACE_ID.fullmatch(run.run_id):
        return run.traceparent
    return f"00-{run.run_id}-{run.attempt:016x}-01"
