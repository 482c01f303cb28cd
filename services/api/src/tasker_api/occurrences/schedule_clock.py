"""PURE. Instants as the clock of a schedule shows them."""

from tasker_api.occurrences.definition import DefinitionInForce
from tasker_core.time.zones import utc, zone


def clock_time(second: int, definition: DefinitionInForce) -> str:
    """`2026-12-24 18:00+01:00` for an epoch second; `2026-12-24 17:00 UTC` without a zone of its own."""
    name = None if definition.schedule is None else definition.schedule.zone_name
    moment = utc(second).astimezone(zone(name or "UTC"))
    offset = " UTC" if name in (None, "UTC") else moment.isoformat()[19:]
    return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00") + offset
