"""What a verdict, or the lack of one, means for the request that published the event."""

from urllib.parse import quote

from tasker_api.conversion.journal import field_error
from tasker_api.problems import Problem, invalid, not_found, task_not_found
from tasker_api.publishing.command import Command
from tasker_api.schemas.journal import Pending
from tasker_core.documents.journal import JournalDocument
from tasker_core.errors import FieldError


class OtherContent(Problem):
    """The Idempotency-Key has been used, with another content."""

    def __init__(self) -> None:
        message = "this Idempotency-Key was used with another content: take a new key for a new request"
        super().__init__(422, message, [FieldError(pointer="/header/Idempotency-Key", message=message)])


class OutcomeUnknown(Problem):
    """Kafka has not said whether it has taken the event: it may be carried out yet."""

    def __init__(self, command: Command, error: Exception) -> None:
        detail = (
            f"Kafka does not answer ({error}), so whether the event was taken is unknown; "
            f"repeating the request with `Idempotency-Key: {command.key or command.event_id}` is safe"
        )
        super().__init__(503, detail, headers={"Retry-After": "2"})


class VerdictPending(Exception):
    """The event is taken, and its verdict has not come within two seconds."""

    def __init__(self, command: Command) -> None:
        super().__init__(command.event_id)
        location = f"/api/v1/journal/{quote(command.event_id, safe='')}"
        self.pending = Pending(event_id=command.event_id, task_id=command.task_id, journal=location)


def accepted_verdict(command: Command, verdict: JournalDocument) -> JournalDocument:
    """The verdict, if it accepts this very command. Raises Problem."""
    if verdict.get("digest") not in (None, command.digest):
        raise OtherContent
    if verdict["verdict"] == "rejected":
        raise _rejection(verdict, creating=command.if_version == 0 and command.type == "put")
    return verdict


def _rejection(verdict: JournalDocument, *, creating: bool) -> Problem:
    errors = [field_error(error) for error in verdict["errors"]]
    by_pointer = {error.pointer: error.message for error in errors}
    if conflict := by_pointer.get("/if_version"):
        if creating:
            return Problem(
                409, f"a task with the id {verdict['task_id']!r} exists: change it with PUT, or choose another id"
            )
        return Problem(412, f"{conflict}: somebody else changed it; read it again and decide anew")
    if by_pointer.get("/calendar") == "there is no such calendar":
        return not_found(f"the calendar {verdict['task_id']!r}")
    if by_pointer.get("/task_id") == "no such task":
        return task_not_found(verdict["task_id"])
    return invalid(errors)
