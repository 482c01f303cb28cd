"""Where a partition of the ticker stands (watermarks)."""

import msgspec


class Burst(msgspec.Struct, frozen=True):
    """The position in a second that is emitted in several transactions: all of it up to `after_task` is out."""

    second: str
    after_task: str


class CatchUp(msgspec.Struct, frozen=True):
    """One gap being worked off: occurrences effective in (from, to] of the tasks whose id sorts after `after_task`."""

    from_: str = msgspec.field(name="from")
    to: str
    after_task: str = ""


class Watermark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a partition stands: everything effective up to `time` is emitted, decided, or in a catch-up range.

    `owner` wrote it, in software of the `version`, and holds so many tasks. Its clock was `clock_offset_ms` ahead of
    the broker's (behind it: negative), as far as the batch before has proved. Absent: written by an earlier release.
    """

    time: str
    next_offset: int
    base: int = 1
    burst: Burst | None = None
    catch_up: list[CatchUp] = []
    turn: int
    owner: str
    held: int | None = None
    version: str | None = None
    clock_offset_ms: int | None = None


decode_watermark = msgspec.json.Decoder(Watermark).decode
