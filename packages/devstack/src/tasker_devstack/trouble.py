"""What a person is told when something can't be had: one line, with the way out."""

from tasker_core.errors import TaskerError


class Trouble(TaskerError):
    """Something is missing or in the way; the message says what to do."""
