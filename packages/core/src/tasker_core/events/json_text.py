"""JSON as it is sent: what is not JSON is refused in words of JSON, and so is what would be changed in silence."""

import json
from typing import Any

import msgspec

from tasker_core.errors import TaskerError


class NotJson(TaskerError):
    """It is not JSON, or not such as comes back as it was."""


def decode_json(raw: bytes) -> Any:
    """The value that a JSON text stands for. Raises NotJson.

    Refused are, besides what RFC 8259 forbids: a name that is twice in one object, of which parsers drop one; half a
    pair of surrogates; numbers out of the range of a double; what is nested deeper than it can be read (some 1,000).
    """
    try:
        found = msgspec.json.decode(raw)
        json.loads(raw, object_pairs_hook=_unrepeated)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8") from None
    except ValueError as error:  # msgspec's own errors too
        raise NotJson(str(error)) from None
    return found


def _unrepeated(pairs: list[tuple[str, Any]]) -> None:
    if len(names := {name for name, _ in pairs}) < len(pairs):
        for name, _ in pairs:
            if name not in names:
                raise NotJson(f"the name {name[:100]!r} is twice in one object: leave one of them out")
            names.discard(name)
