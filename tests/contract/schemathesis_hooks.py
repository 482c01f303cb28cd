"""What Schemathesis has to know of Tasker: which refusals of what the document allows are right."""

import re
from typing import Any, Final

import schemathesis
from schemathesis import Case, CheckContext, Response

UNPROCESSABLE: Final = frozenset({400, 405, 406, 411, 413, 414, 415, 422})
"""Refusals of a request for what it says. Others (404, 409, 412 …) are for how things are."""
BEYOND_SCHEMAS: Final = [
    (re.compile(pointer, re.DOTALL), re.compile(message))  # a name may hold line breaks
    for pointer, message in (
        # Schedules are a language of their own: cron expressions, dates that exist, zones, what can still fire.
        (r"/(task/)?(schedule|before|after)(/.*)?", r""),
        (r"/version", r"version \d+ can't be put back|there is no version"),
        (r"/(query/)?(start|end|times/\d+|from|to)", r".*(past|future|is not after|year|before|offset|more than)"),
        (r".*/(timeout|late|bucket|initial|max|max_age|grace)", r".*longer|years and months have no fixed length"),
        (r"/timezone", r"unknown time zone"),
        (r"/days/\d+", r".*(ends before|does not exist)"),
        (r"/line/\d+", r""),  # a file that is none, and where
        (r"/query/cursor", r"not a cursor of this list"),
        (r"/(query|filter)/q(/\d+)?", r"has no letter and no digit|holds the control character U\+0000"),
        (r"/(query|filter)/q", r"has \d+ words"),
        (r"/query/q", r"more than \d+ tasks are found"),
        (r"/query/(partition|handler|task)", r"not together with"),
        (r"(/query|/filter)?/(name|((add|remove)_)?tags?/\d+)", r"is blank"),
        (r"/description", r"holds the control character"),  # a pattern would narrow what the last release's said
        (r"/(retry|misfire)/.*", r"unknown field"),  # the document of a merge patch leaves open what is in options
        (r"/(id|name)", r"the path says"),
        (r"/task_id", r"a manual task has no times"),  # which task the path names decides
        (r"/id", r"begins with tasker-alerts\."),
        (r"/then/\d+/task", r"a task can't start itself|.* is named by /then"),
        (r"/handler", r".*no executor|no handler|unknown handler|not known"),
        (r"/payload.*", r""),  # what it has to be depends on the handler
        (r"/notify/\d+/.*", r".*(templates|secret|authorization|password|goes with|required with|give either)"),
        (r"/header/Idempotency-Key", r"this Idempotency-Key was used with another content"),
        (r"/header/If-Match", r"'' is no ETag"),  # an empty header, which the generator takes for none
        (
            r"/(filter|spread|add_tags|remove_tags|payload|all|ids)",
            r"required: (which|a window)|belongs to|give tags|.*leave|all tasks",
        ),
        (
            r"/query/(form|timezone|handler|prefix|tag|plan|invalid|id|note)",
            r"is for|.*crontab|goes with|not together with|required: that of",
        ),
        (r"", r"the end must be later than the start"),
        (r"/notify/\d+/webhook/headers/.*", r""),  # names are said by `propertyNames`, which the generator passes over
        (r"/header/Tasker-Actor", r"must have 1 to \d+ characters"),  # the name of the key takes some of the room
        (r"/header/If-None-Match", r"goes without If-Match"),
        (r"", r"it (has no VCALENDAR|is not understood as iCalendar|is empty)"),
        (r"", r"and [\d,]+ more errors"),
        (r"", r"give either start and end, or times"),  # said by `not`, which the generator passes over
    )
]
"""Pointers and messages of what no JSON Schema can say."""


def is_beyond_schemas(pointer: str, message: str) -> bool:
    """Whether an error is of a kind that no schema can say."""
    return any(place.fullmatch(pointer) and words.match(message) for place, words in BEYOND_SCHEMAS)


@schemathesis.check
def documented_refusals(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """What the document allows is refused only for what no schema can say."""
    del ctx
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in UNPROCESSABLE:
        return
    errors: list[dict[str, Any]] = response.json()["errors"]
    unsaid = [one for one in errors if not is_beyond_schemas(one["pointer"], one["message"])]
    assert errors, f"refused what the document allows: {response.text}"
    assert not unsaid, f"refused what the document allows: {unsaid}"
