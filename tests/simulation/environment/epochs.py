"""When simulations begin: as a rule just before a clock is changed or a month ends, so that this happens in them."""

from typing import Final, NamedTuple

from tests.simulation.oracle.reference_calendar import second


class Epoch(NamedTuple):
    """The second at which a simulation begins, and the zone in which something happens soon after."""

    second: int
    zone: str


EPOCHS: Final = (
    Epoch(second("2026-01-01T12:00:00+00:00"), "UTC"),  # an ordinary day
    Epoch(second("2026-01-31T22:59:35+00:00"), "Europe/Berlin"),  # a month ends
    Epoch(second("2028-02-28T23:59:35+00:00"), "UTC"),  # a leap day begins
    Epoch(second("2026-03-29T00:59:35+00:00"), "Europe/Berlin"),  # forward by an hour
    Epoch(second("2026-10-25T00:59:35+00:00"), "Europe/Berlin"),  # back by an hour
    Epoch(second("2026-04-04T14:59:35+00:00"), "Australia/Lord_Howe"),  # back by half an hour
    Epoch(second("2026-09-06T03:59:35+00:00"), "America/Santiago"),  # forward at midnight
    Epoch(second("2011-12-30T09:59:35+00:00"), "Pacific/Apia"),  # forward by a day
)
