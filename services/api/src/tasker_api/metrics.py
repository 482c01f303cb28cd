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
IN_FLIGHT = gauge("tasker_api_in_flight_requests", "Requests that are being answered.")
