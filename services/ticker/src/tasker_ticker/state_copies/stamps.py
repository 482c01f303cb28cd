"""What a copy must not survive: a start of the machine, and a change of the software that computed its times."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

import tzdata

import tasker_core
import tasker_ticker

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
BOOT: Final = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""
"""The start of this machine. Nothing of a copy is forced to the disk, as others would have to wait for that, and so it
may be anything after a loss of power; a kill leaves it whole. Empty where this is not known: it is forced then."""


def software_stamp() -> str:
    """Another one when the software may compute other times: by the files of the code, Python and the time zones."""
    found = sha256(f"{sys.version} {tzdata.__version__}".encode())
    for package in (tasker_core, tasker_ticker):
        for folder in package.__path__:
            for file in sorted(Path(folder).rglob("*.py")):
                about = file.stat()
                found.update(f"{file} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()
