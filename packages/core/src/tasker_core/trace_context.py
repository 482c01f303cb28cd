"""PURE. Traces (W3C Trace Context, level 1): which one something belongs to, and the ids of the spans of a run.

A run has a trace of its own, whose id is the run's. Its spans have ids that follow from the run, the attempt and the
stage, so that each service records its own span below that of another one without anything being carried along.
"""

import re
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

HEADER: Final = "traceparent"
"""The name of the header, of HTTP requests and of Kafka records."""

RunStage = Literal["emit", "run", "call", "log"]
"""`emit`: by the ticker; `run`: an attempt in the executor; `call`: what its handler calls; `log`: by the log sink."""

_FORM: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
_RUN_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SAMPLED: Final = 1
_PACKED_BYTES: Final = 24


class TraceContext(NamedTuple):
    """A span in a trace. `sampled`: whether the trace is recorded, so that all who take part in it do alike."""

    trace_id: int
    span_id: int
    sampled: bool

    @property
    def trace_hex(self) -> str:
        """The trace's id as everybody writes it."""
        return f"{self.trace_id:032x}"

    @property
    def traceparent(self) -> str:
        """The value of the header."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{int(self.sampled):02x}"


def parse_traceparent(text: str) -> TraceContext | None:
    """The context in a header; None for one that is none (the standard says: go on as if it was absent).

    Later versions of the header may be longer, and are read as far as this one goes.
    """
    match = _FORM.fullmatch(text)
    if match is None or match[1] == "ff" or (match[1] == "00" and match[5] is not None):
        return None
    context = TraceContext(int(match[2], 16), int(match[3], 16), bool(int(match[4], 16) & _SAMPLED))
    return context if context.trace_id and context.span_id else None


def packed(context: TraceContext) -> bytes:
    """A sampled context in 24 bytes, for those who hold very many."""
    return context.trace_id.to_bytes(16, "big") + context.span_id.to_bytes(8, "big")


def unpacked(value: bytes) -> TraceContext:
    """The context that was packed."""
    assert len(value) == _PACKED_BYTES, "only packed contexts are unpacked"
    return TraceContext(int.from_bytes(value[:16], "big"), int.from_bytes(value[16:], "big"), sampled=True)


def run_trace_id(run_id: str) -> int | None:
    """The id of a run's own trace; None for a run whose id is none of Tasker's making."""
    return int(run_id, 16) if _RUN_ID.fullmatch(run_id) else None


def run_span_id(run_id: str, attempt: int, stage: RunStage) -> int:
    """The id of a span of a run."""
    return _span_id(f"{run_id}\n{attempt}\n{stage}")


def span_id_of(*parts: object) -> int:
    """A span's id (64 bits, never 0) that follows from what the span is about."""
    return _span_id("\n".join(map(str, parts)))


def _span_id(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") or 1
