"""What the API counts."""

from tasker_runtime.metrics.definitions import counter, gauge, histogram

REQUESTS = counter(
    "tasker_api_requests_total",
    "Requests answered, by the route's template (`other`: none of the API's), and by HTTP status. A 202 to a change "
    "says that its verdict did not come in time.",
    ["method", "route", "status"],
)
DURATION = histogram(
    "tasker_api_request_seconds",
    "From a request to the end of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
STREAMS = gauge("tasker_api_streams", "Streams of changes that are open.")
CANARY_LATE = gauge(
    "tasker_canary_late_seconds",
    "From the time at which the newest logged run of a partition's canary was due to its being readable in the log.",
    ["partition"],
)
CANARY_OVERDUE = gauge("tasker_canary_overdue", "1 while a partition's canary does not come through.", ["partition"])
DEAD_MAN_PINGS = counter(
    "tasker_dead_man_pings_total",
    "Signs of life to TASKER_DEAD_MAN_URL: `sent`; `failed`; `withheld`, as something was red.",
    ["outcome"],
)
for _outcome in ("sent", "failed", "withheld"):
    DEAD_MAN_PINGS.labels(_outcome)
IN_FLIGHT = gauge("tasker_api_in_flight_requests", "Requests that are being answered.")
