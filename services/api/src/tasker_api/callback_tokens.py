"""What the token in a callback's URL says, if it is one of ours."""

from tasker_api.problems import Problem, not_found
from tasker_core.handlers.callback_token import CallbackClaims, WrongToken, read_token


class CallbackTokens:
    """Checks tokens against the secrets of the settings."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    def claims(self, token: str) -> CallbackClaims:
        """What a token says. Raises Problem: 404 for a wrong one, whatever is wrong with it, 503 without a secret."""
        if not self._secrets:
            raise Problem(503, "callbacks are not set up: the API needs TASKER_CALLBACK_SECRET, as executors have it")
        try:
            return read_token(token, self._secrets)
        except WrongToken:
            raise not_found("this callback") from None
