"""What a copy must not survive: a start of the machine. Its times do not survive another software, either."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import tzdata

import tasker_core
import tasker_ticker

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


BOOT: Final = _boot()
"""The start of this machine. Nothing of a copy is forced to the disk, as others would have to wait for that, and so it
may be anything after a loss of power; a kill leaves it whole. Empty where this is not known: it is forced then."""


class Maker(NamedTuple):
    """Who makes a copy: the start of the machine, and the software (`software_stamp`)."""

    boot: str
    software: str


def software_stamp() -> str:
    """Another one when the software may compute other times: by the code, Python and the time zones. Raises OSError."""
    found, files = sha256(f"{sys.version} {tzdata.__version__}".encode()), 0
    for package in (tasker_core, tasker_ticker):
        for folder in map(Path, package.__path__):
            for file in sorted(folder.rglob("*.py")):
                found.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
                files += 1
    if not files:
        raise OSError("the code of the ticker is not in files: nobody can tell whether a copy was made by the same one")
    return found.hexdigest()
