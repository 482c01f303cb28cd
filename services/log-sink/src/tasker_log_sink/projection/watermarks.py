"""PURE. What a watermark says of its partition."""

from tasker_core.documents.partitions import BurstDocument, CatchUpDocument, WatermarkFields
from tasker_core.messages.watermark import Watermark
from tasker_log_sink.projection.bson_instants import instant


def watermark_fields(mark: Watermark) -> WatermarkFields:
    """The fields of a partition's document. Raises ValueError for what is no time."""
    burst: BurstDocument | None = None
    if mark.burst is not None:
        burst = {"second": instant(mark.burst.second), "after_task": mark.burst.after_task}
    catch_up: list[CatchUpDocument] = [
        {"from": instant(gap.from_), "to": instant(gap.to), "after_task": gap.after_task} for gap in mark.catch_up
    ]
    return {
        "watermark": instant(mark.time),
        "owner": mark.owner,
        "catch_up": catch_up,
        "burst": burst,
        "held": mark.held,
        "version": mark.version,
        "clock_offset_ms": mark.clock_offset_ms,
    }
