"""A sign of life to somebody outside, who raises the alarm when none comes: then nothing here may be able to."""

import asyncio
from typing import Final, Literal

import aiohttp

from tasker_api import metrics
from tasker_api.system.system_monitor import SystemMonitor
from tasker_runtime.logs import Log

INTERVAL_SECONDS: Final = 60.0
REQUEST_SECONDS: Final = 10.0
Outcome = Literal["sent", "failed", "withheld"]


class DeadManPing:
    """Calls `url` every minute while nothing is red. The URL is the operator's own, and may hold a secret: it is called
    wherever it leads, and never logged."""

    def __init__(self, url: str, monitor: SystemMonitor, log: Log) -> None:
        self._url, self._monitor, self._log = url, monitor, log
        self._last: Outcome = "sent"

    async def run(self) -> None:
        """Ping until cancelled."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await self.ping(session)
                await asyncio.sleep(INTERVAL_SECONDS)

    async def ping(self, session: aiohttp.ClientSession) -> Outcome:
        """One ping, or the reason why there is none in the log."""
        report = await self._monitor.report()
        if report.state == "red":
            outcome, reason = "withheld", report.findings[0].text
        else:
            outcome, reason = await self._call(session)
        metrics.DEAD_MAN_PINGS.labels(outcome).inc()
        if outcome != "sent":
            self._log.warning("dead man's ping", outcome=outcome, reason=reason)
        elif self._last != "sent":
            self._log.info("dead man's ping", outcome=outcome)
        self._last = outcome
        return outcome

    async def _call(self, session: aiohttp.ClientSession) -> tuple[Outcome, str]:
        try:
            async with session.get(self._url, allow_redirects=True, max_redirects=3) as response:
                if response.status < 400:
                    return "sent", ""
                return "failed", f"answered {response.status}"
        except TimeoutError:
            return "failed", f"no answer within {REQUEST_SECONDS:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return "failed", type(error).__name__  # its text has the URL
