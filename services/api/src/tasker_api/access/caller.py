"""Who makes a request."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from tasker_core.access.api_key import ApiKey
from tasker_core.access.roles import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request. With `tags` it sees and changes only tasks that have one of them.

    Where there are no keys everybody is an admin without a name. `role` is None for somebody unknown.
    """

    name: str | None
    role: Role | None
    tags: frozenset[str] = frozenset()
    key_id: str | None = None

    def did(self, actor: str | None) -> bool:
        """Whether it is the actor of something, for whomever it did that."""
        return self.name is not None and actor is not None and f"{actor}: ".startswith(f"{self.name}: ")


WITHOUT_KEYS: Final = Caller(None, "admin")
UNKNOWN: Final = Caller(None, None)


def caller_by(key: ApiKey) -> Caller:
    """The holder of a key."""
    return Caller(key.name, key.role, frozenset(key.tags), key.id)


def caller_of(request: Request) -> Caller:
    """Who makes a request, as `access_check.py` has found."""
    found: Caller = request.state.caller
    return found


async def _caller(request: Request) -> Caller:
    return caller_of(request)  # `async`, since FastAPI calls plain functions in a thread


CallerOf = Annotated[Caller, Depends(_caller)]
