"""PURE. What the file of the API keys says: `{"keys": [{"id", "name", "role", "sha256", …}]}`, in JSON."""

from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasker_core.access.api_key import ApiKey, without_keys
from tasker_core.errors import FieldError, InvalidInput, at_most, field_errors

MAX_KEYS: Final = 20_000
MAX_FILE_BYTES: Final = 16 * 1024 * 1024


class KeysFile(BaseModel):
    """The keys of an installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Annotated[tuple[ApiKey, ...], at_most(MAX_KEYS), Field()]

    def encoded(self) -> bytes:
        """As it is written: an entry is left out where it says nothing."""
        shown = [key.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for key in self.keys]
        return msgspec.json.format(msgspec.json.encode({"keys": shown}), indent=2) + b"\n"


def read_keys(content: bytes) -> KeysFile:
    """What a file says. Raises InvalidInput, in which no key is told, wherever in the file somebody has put one."""
    try:
        found = KeysFile.model_validate(msgspec.json.decode(content))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInput([FieldError(pointer="", message=f"not JSON: {error}")]) from None
    except ValidationError as error:
        found = field_errors(error.errors(include_url=False))
        shown = [one.model_copy(update={"pointer": without_keys(one.pointer)}) for one in found]
        raise InvalidInput(shown) from None
    seen = set[str]()
    for number, key in enumerate(found.keys):
        if key.id in seen:
            message = "another key has this id, too: remove one of both"
            raise InvalidInput([FieldError(pointer=f"/keys/{number}/id", message=message)])
        seen.add(key.id)
    return found
