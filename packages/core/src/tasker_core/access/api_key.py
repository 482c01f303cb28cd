"""PURE. API keys: `tsk_<id>_<secret>`, and what is kept of one.

The id finds the key and stands in lists and logs; the secret (190 bits) is known to its holder alone. What is kept is
the SHA-256 of the whole: a secret of so many bits can't be found from it by trying, so no slow hash is needed.
"""

import hashlib
import hmac
import re
from datetime import datetime
from string import ascii_letters, digits
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tasker_core.access.roles import Role
from tasker_core.errors import in_words
from tasker_core.texts import Name, Tag
from tasker_core.time.instant import Instant

ID_CHARACTERS: Final = 8
SECRET_CHARACTERS: Final = 32
ALPHABET: Final = ascii_letters + digits
MAX_KEY_CHARACTERS: Final = 200
MAX_KEY_NAME: Final = 64
MAX_KEY_TAGS: Final = 20
_KEY: Final = re.compile(rf"tsk_([A-Za-z0-9]{{{ID_CHARACTERS}}})_[A-Za-z0-9]{{22,128}}")
_ID: Final = rf"^[A-Za-z0-9]{{{ID_CHARACTERS}}}$"
_DIGEST: Final = r"^[0-9a-f]{64}$"
_NO_KEY: Final = hashlib.sha256(b"").hexdigest()


class ApiKey(BaseModel):
    """What is kept of a key. With `tags` its holder sees and changes only tasks that have one of them.

    Its `name` is the actor of what it does. Without `requests_per_second` there is no limit, without `expires_at` no
    end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, in_words(_ID, f"must be {ID_CHARACTERS} letters or digits: the middle part of its key"), Field()]
    name: Annotated[Name, StringConstraints(max_length=MAX_KEY_NAME)]
    role: Role
    sha256: Annotated[
        str, in_words(_DIGEST, "must be the SHA-256 of the whole key, in 64 lower-case hexadecimal digits")
    ]
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_KEY_TAGS)] = ()
    requests_per_second: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    created_at: Instant
    expires_at: Instant | None = None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


def key_text(key_id: str, secret: str) -> str:
    """A key as its holder has it."""
    return f"tsk_{key_id}_{secret}"


def key_digest(text: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()


def id_in(text: str) -> str | None:
    """The id in a key; None for what is no key."""
    match = _KEY.fullmatch(text) if len(text) <= MAX_KEY_CHARACTERS else None
    return None if match is None else match[1]


def is_key(text: str, kept: ApiKey | None) -> bool:
    """Whether a text is the key of which this is kept. It takes the same time whether there is one or not."""
    expected = _NO_KEY if kept is None else kept.sha256
    return hmac.compare_digest(key_digest(text), expected) and kept is not None


def without_keys(text: str) -> str:
    """A text in which nobody finds a key: of each its id is left."""
    return _KEY.sub(r"tsk_\1_…", text)
