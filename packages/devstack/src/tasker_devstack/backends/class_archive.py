"""An archive of the classes that Kafka loads, by which a JVM starts a broker in half the time."""

import os
from pathlib import Path
from typing import Final

ARCHIVE: Final = "kafka.jsa"
MADE_BY: Final = "kafka.jsa.made-by"


class ClassArchive:
    """The archive in a folder of jars. A JVM that did not make it, or whose jars are others, does without it."""

    def __init__(self, jars: Path) -> None:
        self._file, self._stamp = jars / ARCHIVE, jars / MADE_BY

    def options(self) -> list[str]:
        """For a JVM that loads these classes."""
        return [f"-XX:SharedArchiveFile={self._file}", "-Xlog:cds*=off"] if self._file.exists() else []

    def was_made_by(self, java: str) -> bool:
        """Whether a JVM of this version has tried to make it."""
        return self._stamp.exists() and self._stamp.read_text() == java

    def keep(self, made: Path, java: str) -> None:
        """Take over what a JVM of this version has made; where it made none, it is not asked again."""
        if made.exists():
            os.replace(made, self._file)
        else:
            self._file.unlink(missing_ok=True)
        self._stamp.write_text(java)


def archiving_options(file: Path) -> list[str]:
    """For a JVM that writes an archive when it ends."""
    return [f"-XX:ArchiveClassesAtExit={file}", "-Xlog:cds*=off"]
