"""The file of samples: a line of JSON each, written at once, so that an interrupted run can still be judged."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.soak.growth import Sample

NAME: Final = "samples.jsonl"


class SampleFile:
    """The lines of one folder, by `kind`: samples, what the audits said, and notes of what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def add(self, kind: str, at: float, values: Mapping[str, Any]) -> None:
        """Append a line; `at` in seconds since the run's begin."""
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode({"kind": kind, "at": round(at, 1), "values": values}) + b"\n")

    def note(self, at: float, what: str) -> None:
        """Append what is wrong, and say it."""
        self.add("note", at, {"what": what})
        print(f"not right: {what}", file=sys.stderr, flush=True)

    def notes(self) -> list[str]:
        """All notes."""
        return [values["what"] for _, values in self.lines("note")]

    def lines(self, kind: str) -> list[tuple[float, dict[str, Any]]]:
        """All lines of a kind. What a kill has cut off is left out. Raises FileNotFoundError."""
        found: list[tuple[float, dict[str, Any]]] = []
        for text in self.path.read_bytes().splitlines():
            try:
                one: dict[str, Any] = msgspec.json.decode(text)
            except msgspec.DecodeError:
                continue
            if one["kind"] == kind:
                found.append((one["at"], one["values"]))
        return found

    def samples(self) -> list[Sample]:
        """All samples."""
        return [Sample(at, values) for at, values in self.lines("sample")]
