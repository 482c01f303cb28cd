"""PURE. What callers may do: each role may do what the ones before it may."""

from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "admin"]
"""viewer: read. operator: change tasks, runs and calendars. admin: dead letters, which hold anything of anybody."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)


def includes(role: Role, needed: Role) -> bool:
    """Whether a role may do what takes another one."""
    return ROLES.index(role) >= ROLES.index(needed)
