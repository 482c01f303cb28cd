"""Asks a service on this machine whether it is ready: `python -m tasker_runtime.health_check`, for containers."""

import http.client
import os
import sys

SECONDS = 3.0


def main() -> int:
    """0 when the service at `TASKER_METRICS_PORT` is ready; 1, with its answer on stderr, otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["TASKER_METRICS_PORT"]), timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        status, body = answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        status, body = 0, f"no answer: {error!r}"
    finally:
        connection.close()
    if status != 200:
        sys.stderr.write(f"{body}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
