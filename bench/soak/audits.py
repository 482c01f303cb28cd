"""`tasker verify` over the whole run: slice after slice, as topics and log keep no more than a part of it."""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.soak.retention import Retention
from bench.soak.sample_file import SampleFile
from bench.soak.tasks import PREFIX
from tasker_core.time.instant import parse_ms, rfc3339_second
from tasker_devstack.isolated_system import System
from tasker_devstack.processes.child_process import ChildProcess
from tasker_runtime.clock import SystemClock
from tasker_runtime.mongo import Mongo, PyMongoError

SETTLED_SECONDS: Final = 20
AUDIT_SECONDS: Final = 1800


class Audits:
    """Audits one slice after the other. `wrong` counts what was not right, or not judged; it is noted in the file."""

    def __init__(self, system: System, mongo: Mongo, retention: Retention, file: SampleFile, begin_ms: int) -> None:
        self._system, self._mongo, self._retention, self._file = system, mongo, retention, file
        self._begin, self._clock = begin_ms // 1000, SystemClock()
        self._audited = self._begin
        self._alone = asyncio.Lock()
        self.wrong, self.until = 0, rfc3339_second(self._begin)

    async def follow(self) -> None:
        """Until cancelled, each slice soon after it is over, while all of it is still kept."""
        length = max(30, self._retention.seconds // 4)
        while True:
            end = self._audited + length
            await asyncio.sleep(max(0.0, end + SETTLED_SECONDS - self._clock.now_ms() / 1000))
            await self.audit(end)

    async def audit(self, end: int | None = None) -> None:
        """Audit what is not audited yet, up to the second `end`, or all that is settled by now."""
        async with self._alone:
            begin, end = self._audited, end or self._clock.now_ms() // 1000 - SETTLED_SECONDS
            if end <= begin:
                return
            span = f"{rfc3339_second(begin)} to {rfc3339_second(end)}"
            try:
                await self._retention.keep_runs(self._mongo, long=True)
                try:
                    status, text = await self._verify(begin, end)
                finally:
                    await self._retention.keep_runs(self._mongo, long=False)
            except PyMongoError as error:
                status, text = None, f"MongoDB: {error}"
            self._audited = end + 1  # not of one that is interrupted: the next one judges its slice, too
            if self._clock.now_ms() / 1000 > begin + self._retention.seconds:
                self._note(f"{span}: not audited: the audit was so slow that topics have lost records meanwhile")
            else:
                self._take(status, text, begin, span)

    def _take(self, status: int | None, text: str, begin: int, span: str) -> None:
        try:
            report: dict[str, Any] = msgspec.json.decode(text[text.index("{") :])
        except (ValueError, msgspec.DecodeError):
            self._note(f"{span}: not audited ({status}): {text[-500:]}")
            return
        self.until = report["to"]
        self._file.add("audit", self._seconds(), report)
        if not report["right"]:
            found = {kind: count for kind, count in report["violations"].items() if count}
            self._note(f"{span}: {found}: {report.get('examples')}")
        if (judged := parse_ms(report["from"]) // 1000) > begin:
            self._note(f"{span}: judged only from {report['from']} on, {judged - begin} s later")
        for one in report["not_audited"]:
            self._note(f"{span}: not audited: {one['count']} {one['reason']} ({one['first_task']})")

    def _note(self, what: str) -> None:
        self.wrong += 1
        self._file.note(self._seconds(), what)

    def _seconds(self) -> float:
        return self._clock.now_ms() / 1000 - self._begin

    async def _verify(self, begin: int, end: int) -> tuple[int | None, str]:
        """Exit status and output of the command; None when it takes too long."""
        command = ["nice", "-n", "10", str(Path(sys.executable).with_name("tasker")), "verify", "--json"]
        span = ["--tasks", PREFIX, "--from", rfc3339_second(begin), "--to", rfc3339_second(end)]
        lines: list[str] = []
        process = ChildProcess("audit", [*command, *span], self._system.settings, lines.append)
        await process.start()
        try:
            async with asyncio.timeout(AUDIT_SECONDS):
                return await process.wait(), "\n".join(lines)
        except TimeoutError:
            return None, f"no answer after {AUDIT_SECONDS} s"
        finally:
            await process.kill()
