"""The secret that signs the callbacks of `make run`: made once, and kept with the data, whose waiting runs need it."""

import secrets
from pathlib import Path

from tasker_core.handlers.callback_token import MIN_SECRET_CHARACTERS
from tasker_devstack.errors import DevstackError


def callback_secret(data: Path) -> str:
    """The secret of a data folder, which only its user may read. Raises DevstackError."""
    file = data / "callback-secret"
    try:
        data.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        if len(found := file.read_text(encoding="ascii")) >= MIN_SECRET_CHARACTERS:
            return found
        file.write_text(made := secrets.token_hex(32), encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise DevstackError(f"{file} can't be used ({error}): set TASKER_DATA_DIR to another folder") from error
    return made
