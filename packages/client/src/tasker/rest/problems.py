"""What may go wrong with a request, each with the way out in its message."""

from collections.abc import Sequence

from tasker.rest.shapes import FieldError


class ClientError(Exception):
    """Base of all that the clients of the REST API raise."""


class TaskerProblem(ClientError):
    """Tasker refuses a request (RFC 9457). `detail` says why, `errors` name each wrong field by its JSON pointer.

    `status`: 404 not there, 409 and 412 somebody else was faster, 422 wrong fields, 401 and 403 the key, 429 too many
    requests, 503 Kafka or MongoDB is away.
    """

    def __init__(self, status: int, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, list(errors)


class NotReachable(ClientError):
    """No Tasker answers at the URL. Whether a change was taken is unknown; it is harmless to ask for it again."""


class NotDecided(ClientError):
    """The change is taken, and its verdict has not come in time; it comes to the journal under `event_id`."""

    def __init__(self, event_id: str, task_id: str) -> None:
        super().__init__(f"taken, but not decided yet: the verdict comes to the journal under {event_id}")
        self.event_id, self.task_id = event_id, task_id
