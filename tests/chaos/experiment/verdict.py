"""What `tasker verify` says of the whole of an experiment."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any, Final

from tasker_devstack.isolated_system import System
from tasker_devstack.processes.child_process import ChildProcess

VERIFY_SECONDS: Final = 600
TIMELINESS: Final = frozenset({"late", "logged_late"})
"""What says only that something came late: in an outage of Kafka or MongoDB it can't but be; recoveries are judged."""
JUDGED: Final = (0, 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The report of an audit."""

    report: dict[str, Any]

    @property
    def wrong(self) -> dict[str, int]:
        """What was lost, doubled, early, unlogged or otherwise wrong, by its kind: empty when nothing was."""
        return {kind: count for kind, count in self._violations().items() if kind not in TIMELINESS}

    def lines(self) -> list[str]:
        """The report in a few lines, each kind of violation with examples."""
        report, late = self.report, self.report["lateness_ms"]
        logged = ", ".join(f"{count:,} {outcome}" for outcome, count in report["logged"].items())
        stages = ", ".join(f"{name} {late[name]['p50']}/{late[name]['p99']}/{late[name]['worst']}" for name in late)
        found = [
            f"tasker verify, {report['from']} to {report['to']}: {report['due']:,} due, {report['emitted']:,} emitted, "
            f"{report['missed']:,} recorded as missed; logged: {logged}",
            f"ms late (p50/p99/worst): {stages}",
        ]
        for kind, count in self._violations().items():
            found.append(f"{kind}: {count}")
            found += [f"    {one['nominal_at']} {one['task_id']}: {one['what']}" for one in report["examples"][kind]]
        return found

    def _violations(self) -> dict[str, int]:
        return {kind: count for kind, count in self.report["violations"].items() if count}


async def judge(system: System, seconds: int) -> Verdict:
    """Judge so many of the last seconds. Raises RuntimeError when that can't be done, saying why."""
    lines = list[str]()
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": system.kafka,
        "MONGODB_URL": system.mongodb_url,
        "TASKER_TOPIC_PREFIX": system.topic_prefix,
    }
    command = [sys.executable, "-m", "tasker_cli.main", "verify", "--since", f"{seconds}s", "--json"]
    verifying = ChildProcess("verify", command, settings, lines.append)
    await verifying.start()
    try:
        async with asyncio.timeout(VERIFY_SECONDS):
            status = await verifying.wait()
    finally:
        await verifying.kill()
    if status not in JUDGED:
        raise RuntimeError(f"tasker verify can't judge it (status {status}):\n" + "\n".join(lines[-20:]))
    return Verdict(json.loads("\n".join(lines[lines.index("{") :])))
