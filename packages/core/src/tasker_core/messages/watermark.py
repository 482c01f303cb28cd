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
    """Where a partition stands: everything effective up to `time` is emitted, decided, or in a catch-up range."""

    time: str
    next_offset: int
    base: int = 1
    burst: Burst | None = None
    catch_up: list[CatchUp] = []
    turn: int
    owner: str


decode_watermark = msgspec.json.Decoder(Watermark).decode
