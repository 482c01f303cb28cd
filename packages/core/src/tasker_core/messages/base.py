"""What all messages have in common, and how they are written."""

import msgspec
from msgspec import Raw

NULL = Raw(b"null")


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all messages: the tag is the field `type`."""


encode = msgspec.json.Encoder().encode
