"""The URLs by which targets report how an attempt has ended that they answered with 202."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from tasker_core.handlers.callback_token import CallbackClaims, callback_token, callback_url
from tasker_core.messages.runs import Run
from tasker_executor.attempt_failure import AttemptFailed


@dataclass(frozen=True, slots=True)
class IssuedCallback:
    """A callback that was offered to a target: where it reports, until when (epoch seconds)."""

    url: str
    token: str
    deadline: int


class CallbackUrls:
    """Makes them. `base_url` is where targets reach the API; `secrets[0]` signs."""

    def __init__(self, base_url: str | None, secrets: tuple[str, ...]) -> None:
        self._base_url, self._secrets = base_url, secrets

    def issue(self, run: Run, timeout: timedelta, now_ms: int) -> IssuedCallback:
        """The callback of an attempt. Raises AttemptFailed where the operator has not set callbacks up."""
        if self._base_url is None or not self._secrets:
            message = (
                "callbacks are not set up here: the operator sets TASKER_CALLBACK_BASE_URL (executor) and "
                "TASKER_CALLBACK_SECRET (executor and API); nothing was called"
            )
            raise AttemptFailed("callbacks_not_set_up", message, final=True)
        deadline = ceil(now_ms / 1000 + timeout.total_seconds())
        token = callback_token(CallbackClaims(run.task_id, run.run_id, run.attempt, deadline), self._secrets[0])
        return IssuedCallback(callback_url(self._base_url, token), token, deadline)


NO_CALLBACKS: Final = CallbackUrls(None, ())
"""Where the operator has not set callbacks up."""
