"""What keeps the system from running here."""

from tasker_core.errors import TaskerError


class DevstackError(TaskerError):
    """Something is missing or in the way; the message, one line, says what to do."""
