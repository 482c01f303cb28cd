"""PURE. What each route takes: a role, and how it is kept to the tasks of a caller who may see only some of them.

Nothing is allowed that is not said here: `create_app` refuses a route without an entry, and an entry without a route.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from tasker_core.access.roles import Role

Endpoint = tuple[str, str]
"""A method, and the template of a path behind the API's prefix."""
Limit = Literal["nothing", "path_task", "path_run", "task_parameter", "tag_parameter", "own", "refused"]


class Rule(NamedTuple):
    """What a route takes. `role` None: anybody may call it, without a key too.

    `limit` keeps callers with tags to their tasks. `nothing`: no task is seen or changed. `path_task`, `path_run`: the
    one in the path must be theirs. `task_parameter`, `tag_parameter`: the query parameter `parameter` must name tasks,
    or a tag, of theirs. `own`: the route itself shows and changes only theirs. `refused`: it is about all tasks.
    """

    role: Role | None
    limit: Limit = "refused"
    parameter: str | None = None


ANYBODY: Final = Rule(None, "nothing")
_READ_TASK: Final = Rule("viewer", "path_task")
_CHANGE_TASK: Final = Rule("operator", "path_task")

RULES: Final[Mapping[Endpoint, Rule]] = {
    ("GET", "/session"): ANYBODY,
    ("POST", "/session"): ANYBODY,
    ("DELETE", "/session"): ANYBODY,
    ("POST", "/callbacks/{token}"): ANYBODY,  # the token in the path is what it takes
    ("GET", "/tasks"): Rule("viewer", "own"),
    ("POST", "/tasks"): Rule("operator", "own"),
    ("GET", "/tasks/{task_id}"): _READ_TASK,
    ("PUT", "/tasks/{task_id}"): Rule("operator", "own"),  # it may make one
    ("PATCH", "/tasks/{task_id}"): _CHANGE_TASK,
    ("DELETE", "/tasks/{task_id}"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/pause"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/resume"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/trigger"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/backfills"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/cancel"): _CHANGE_TASK,
    ("POST", "/tasks/{task_id}/revert"): _CHANGE_TASK,
    ("GET", "/tasks/{task_id}/history"): _READ_TASK,
    ("GET", "/tasks/{task_id}/history/{version}"): _READ_TASK,
    ("GET", "/tasks/{task_id}/occurrences"): _READ_TASK,
    ("GET", "/tasks/{task_id}/runs"): _READ_TASK,
    ("GET", "/tasks/{task_id}/stats"): _READ_TASK,
    ("GET", "/runs"): Rule("viewer", "task_parameter", "task_id"),
    ("GET", "/recent-runs"): Rule("viewer", "task_parameter", "task_id"),
    ("GET", "/missed"): Rule("viewer", "task_parameter", "task_id"),
    ("GET", "/runs/{run_id}"): Rule("viewer", "path_run"),
    ("POST", "/runs/{run_id}/cancel"): Rule("operator", "path_run"),
    ("POST", "/runs/{run_id}/rerun"): Rule("operator", "path_run"),
    ("GET", "/journal/{event_id}"): Rule("viewer", "own"),
    ("GET", "/calendars"): Rule("viewer", "nothing"),
    ("GET", "/calendars/{name}"): Rule("viewer", "nothing"),
    ("GET", "/calendars/{name}/history"): Rule("viewer", "nothing"),
    ("GET", "/calendars/{name}/tasks"): Rule("viewer"),
    ("POST", "/calendars/{name}/diff"): Rule("viewer"),
    ("PUT", "/calendars/{name}"): Rule("operator"),
    ("DELETE", "/calendars/{name}"): Rule("operator"),
    ("GET", "/handlers"): Rule("viewer", "nothing"),
    ("POST", "/schedules/preview"): Rule("viewer", "nothing"),
    ("POST", "/schedules/diff"): Rule("viewer", "own"),
    ("GET", "/forecast"): Rule("viewer", "tag_parameter", "tag"),
    ("GET", "/stats/tasks"): Rule("viewer", "own"),
    ("GET", "/stats/promise"): Rule("viewer", "task_parameter", "task"),
    ("GET", "/stream"): Rule("viewer", "task_parameter", "task_id"),
    ("GET", "/system"): Rule("viewer", "nothing"),
    ("POST", "/bulk-actions"): Rule("operator", "own"),
    ("GET", "/bulk-actions/{change_set}"): Rule("viewer", "own"),
    ("GET", "/change-sets"): Rule("viewer", "own"),
    ("GET", "/change-sets/{change_set}"): Rule("viewer", "own"),
    ("GET", "/change-sets/{change_set}/items"): Rule("viewer", "own"),
    ("POST", "/change-sets/{change_set}/cancel"): Rule("operator", "own"),
    ("POST", "/change-sets/{change_set}/resume"): Rule("operator", "own"),
    ("POST", "/change-sets/{change_set}/undo"): Rule("operator", "own"),
    ("GET", "/exports"): Rule("viewer", "own"),
    ("POST", "/imports"): Rule("viewer", "own"),  # to apply one takes an operator: the route sees to that
    ("GET", "/keys"): Rule("admin"),
    ("GET", "/dead-letters"): Rule("admin"),
    ("GET", "/dead-letters/groups"): Rule("admin"),
    ("POST", "/dead-letters/redrive"): Rule("admin"),
    ("POST", "/dead-letters/{partition}/{offset}/redrive"): Rule("admin"),
}


def unruled(served: Iterable[Endpoint]) -> list[str]:
    """What is wrong between the routes that there are and the rules: each must have the other."""
    routes = set(served)
    missing = [f"{method} {path} has no rule: add it to access/roles.py" for method, path in routes - RULES.keys()]
    idle = [f"{method} {path} is no route: remove it from access/roles.py" for method, path in RULES.keys() - routes]
    return sorted(missing + idle)
