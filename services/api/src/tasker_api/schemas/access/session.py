"""HTTP shapes of signing in."""

from pydantic import BaseModel, ConfigDict, SecretStr

from tasker_core.access.roles import Role


class SignIn(BaseModel):
    """The key of the one who signs in."""

    model_config = ConfigDict(extra="forbid")

    key: SecretStr


class SessionInfo(BaseModel):
    """Who makes the request. `keys` false: there are none here, and everybody may do everything.

    `name` and `role` are null for somebody without a key. With `tags`, only tasks that have one of them are seen.
    """

    keys: bool
    name: str | None
    role: Role | None
    tags: list[str]
