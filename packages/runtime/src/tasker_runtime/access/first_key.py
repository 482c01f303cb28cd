"""Makes the first admin key of an installation: `python -m tasker_runtime.access.first_key --keys F --key K`.

Compose runs it before the API starts. It changes nothing where there is a file of keys already.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from tasker_core.errors import TaskerError
from tasker_runtime.access.key_administration import create_key
from tasker_runtime.access.private_file import write_private
from tasker_runtime.clock import utc_now

NAME = "admin"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when there are keys now, else 1."""
    parser = ArgumentParser(prog="python -m tasker_runtime.access.first_key", description="Make the first admin key.")
    parser.add_argument("--keys", type=Path, required=True, help="the file of keys (TASKER_API_KEYS_FILE of the API)")
    parser.add_argument("--key", type=Path, required=True, help="where the key itself is put, for its user alone")
    parser.add_argument("--show", default="", help="the command by which people read it, to be told")
    given = parser.parse_args(arguments)
    try:
        make_first_key(given.keys, given.key)
    except (OSError, TaskerError) as error:
        sys.stderr.write(f"no first key: {error}\n")
        return 1
    shown = f", shown by: {given.show}" if given.show else ""
    sys.stdout.write(f"the keys of the API are in {given.keys}; the first admin key is in {given.key}{shown}\n")
    return 0


def make_first_key(keys: Path, key: Path) -> bool:
    """Whether there were no keys, and one was made. Raises KeysFileProblem or OSError."""
    if keys.exists():
        return False
    # The key is put down before it is valid: who is interrupted between both makes another one the next time.
    made = keys.with_name(f".{keys.name}.first")
    made.unlink(missing_ok=True)
    issued = create_key(made, NAME, "admin", utc_now())
    write_private(key, issued.text.encode() + b"\n")
    made.replace(keys)
    return True


if __name__ == "__main__":
    sys.exit(main())
