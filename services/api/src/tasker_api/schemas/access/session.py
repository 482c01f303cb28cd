"""HTTP shapes of signing in, and of the keys that there are."""

from pydantic import BaseModel, ConfigDict, SecretStr

from tasker_core.access.roles import Role
from tasker_core.time.instant import Instant


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


class KeyInfo(BaseModel):
    """A key, without what makes one: `id` is its middle part. `is_expired`: its time is over."""

    id: str
    name: str
    role: Role
    tags: list[str]
    requests_per_second: float | None
    created_at: Instant
    expires_at: Instant | None
    is_expired: bool


class KeyList(BaseModel):
    """The keys by name. `keys` false: there are none here, and everybody may do everything.

    `trouble` says why the file of the keys can't be read (null: it can); those before it stay in force.
    """

    keys: bool
    items: list[KeyInfo]
    trouble: str | None
