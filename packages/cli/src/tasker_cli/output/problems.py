"""What Tasker refuses, for people and for scripts, and the exit code that tells it."""

from collections.abc import Iterator
from typing import Any

from tasker.rest.problems import ClientError, NotDecided, NotReachable, TaskerProblem
from tasker_cli.errors import NOT_REACHABLE, NOT_THERE, REFUSED

_CODES = {404: NOT_THERE, 502: NOT_REACHABLE, 503: NOT_REACHABLE, 504: NOT_REACHABLE}
_HINTS = {
    401: "give a key: TASKER_API_KEY, --key-file, or a profile with key_file",
    403: "`tasker whoami` says which role this key has",
}


def exit_code_of(error: ClientError) -> int:
    """The exit code by which a script knows what is the matter."""
    if isinstance(error, TaskerProblem):
        return _CODES.get(error.status, REFUSED)
    return NOT_REACHABLE if isinstance(error, NotReachable | NotDecided) else REFUSED


def problem_lines(error: ClientError) -> Iterator[str]:
    """What is wrong, and each wrong field on a line of its own."""
    if not isinstance(error, TaskerProblem):
        yield str(error)
        return
    if len(error.errors) > 1:
        yield f"{len(error.errors)} things are wrong:"
        yield from (f"  {one['pointer'] or 'the whole'}: {one['message']}" for one in error.errors)
    else:
        yield error.detail
    if hint := _HINTS.get(error.status):
        yield hint


def problem_json(error: ClientError) -> dict[str, Any]:
    """The same for scripts."""
    if isinstance(error, TaskerProblem):
        return {"error": error.detail, "status": error.status, "errors": error.errors}
    return {"error": str(error)} | ({"event_id": error.event_id} if isinstance(error, NotDecided) else {})
