"""The names of the IANA time zones, and the rules behind them: from the pinned `tzdata`, never from the host."""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The canonical names and aliases of the IANA time zones."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1024)
def zone_rules(name: str) -> ZoneInfo:
    """The rules of a zone that there is."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=1)
def current_names() -> dict[str, str]:
    """Today's name for each that only earlier releases of the tz database listed, such as Asia/Calcutta."""
    listed = {name for zones in zones_by_country().values() for name in zones}
    source = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text(encoding="utf-8")
    links = (line.split() for line in source.splitlines() if line.startswith("L "))
    return {name: target for _, target, name in links if name not in listed}


@lru_cache(maxsize=1)
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """The zones of each country by its English name, as the tz database lists them, the most populous first."""
    tables = files("tzdata").joinpath("zoneinfo")
    zones: dict[str, list[str]] = {}
    for line in tables.joinpath("zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, name, *_ = line.split("\t")
            zones.setdefault(code, []).append(name)
    lines = tables.joinpath("iso3166.tab").read_text(encoding="utf-8").splitlines()
    countries = [line.split("\t") for line in lines if not line.startswith("#")]
    return {country: tuple(zones[code]) for code, country in countries if code in zones}
