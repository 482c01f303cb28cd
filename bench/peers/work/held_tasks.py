"""Tasks that are due in a year: what they cost in memory and CPU, and how long a restart with them takes."""

import asyncio
from collections import Counter

from bench.peers.peer import Peer
from bench.peers.work.process_usage import shown_roles, usage_by_role
from bench.peers.work.window import CLOCK
from bench.peers.work.work import NOTE, Case, Cases, Column, Size, Work, say
from tasker_runtime.clock import monotonic_ms

RATE, PROBE = 100, 1_000
ON_TIME_MS = 1_000
RESTART_SECONDS, RESTART_LOOK_SECONDS = 120, 3
"""A look reads all that was executed so far, and takes that time from those who are measured; it finds when it was."""
SETTLE_SECONDS, MAX_SETTLE_SECONDS = 3, 600
SETTLED_PERCENT = 15.0
"""Of a core more than without tasks: beyond it, something is still being done for tasks that are stored already."""


async def measure_held(peer: Peer, size: Size, cases: Cases) -> None:
    """First they are held with nothing to do, then 100 others are due each second, then the scheduler is killed."""
    held, rate, busy = 0, 0.0, False
    rest, bare = await _total_cpu(peer), _memory(peer)
    for count in size.held:
        case = cases.setdefault(f"{count:,} held", Case())
        if not rate:
            rate, held = await _stored(peer, PROBE), PROBE
        if (more := count - held) / rate > size.hold_seconds:
            minutes = more / rate / 60
            case[NOTE] = f"left out: at {rate:,.0f} a second storing them takes {minutes:.0f} minutes"
            continue
        say(f"{peer.name}: {count:,} tasks held")
        case["stored_per_s"] = rate = await _stored(peer, more)
        held = count
        case["settled_s"] = await _settle(peer, rest, case)
        if not busy:
            case |= await _cpu(peer, size.held_seconds, "idle")
            with_all = _memory(peer)
            await peer.every_second([f"beside-{n:03d}" for n in range(RATE)])
            await asyncio.sleep(SETTLE_SECONDS)
            rest, busy = await _total_cpu(peer), True
        else:
            with_all = _memory(peer)
        grown = {role: (rss - bare.get(role, 0.0)) / count for role, rss in with_all.items()}
        case |= {f"bytes_{role}": value for role, value in shown_roles(grown).items()}
        case |= await _cpu(peer, size.held_seconds, "busy")
        case |= await _restart(peer)


async def _stored(peer: Peer, count: int) -> float:
    """Tasks stored a second."""
    began = monotonic_ms()
    await peer.hold(count)
    return count * 1000 / max(1, monotonic_ms() - began)


async def _settle(peer: Peer, rest: float, case: Case) -> float:
    """Wait until its processes use no more of the CPU than at rest, for a while at most; returns how many seconds."""
    began = monotonic_ms()
    while (used := await _total_cpu(peer)) > rest + SETTLED_PERCENT:
        if monotonic_ms() - began > MAX_SETTLE_SECONDS * 1000:
            case[NOTE] = f"{used:.0f} % of a core was still used after {MAX_SETTLE_SECONDS} s, {rest:.0f} % before"
            break
        say(f"{peer.name}: something is still being done for what is stored")
    return (monotonic_ms() - began) / 1000


async def _total_cpu(peer: Peer) -> float:
    return float((await _cpu(peer, SETTLE_SECONDS, "now"))["cpu_now_total"])


def _memory(peer: Peer) -> dict[str, float]:
    return {role: float(one.rss) for role, one in usage_by_role(peer.processes()).items()}


async def _cpu(peer: Peer, seconds: int, state: str) -> Case:
    """Per cent of one core, over some seconds."""
    before, began = usage_by_role(peer.processes()), monotonic_ms()
    await asyncio.sleep(seconds)
    after, lasted = usage_by_role(peer.processes()), (monotonic_ms() - began) / 1000
    spent = {role: (one.cpu_seconds - before[role].cpu_seconds) / lasted * 100 for role, one in after.items()}
    return {f"cpu_{state}_{role}": value for role, value in shown_roles(spent).items()}


async def _restart(peer: Peer) -> Case:
    """Seconds from the kill to the first execution that was due after it and was on time, and to the first second of
    which all were."""
    killed = CLOCK.now_ms()
    async with asyncio.timeout(RESTART_SECONDS):
        await peer.kill_scheduler()
    while CLOCK.now_ms() < killed + RESTART_SECONDS * 1000:
        await asyncio.sleep(RESTART_LOOK_SECONDS)
        log = await peer.executions()
        after = [one for one in log if one.nominal_ms > killed and one.started_ms - one.nominal_ms < ON_TIME_MS]
        seconds = Counter((one.nominal_ms - killed) // 1000 for one in after)
        if whole := [second for second, count in seconds.items() if count >= RATE]:
            last = max(one.started_ms for one in after if (one.nominal_ms - killed) // 1000 == min(whole))
            first = min(one.started_ms for one in after)
            return {"first_s": (first - killed) / 1000, "whole_s": (last - killed) / 1000}
    return {"whole_s": f"not within {RESTART_SECONDS} s"}


HELD = Work(
    "held",
    "tasks held that are due in a year: bytes each, per cent of a core, a restart of the scheduler",
    measure_held,
    (
        Column("stored_per_s", "stored/s", ratio=True),
        Column("settled_s", "all done s later"),
        Column("bytes_scheduler", "scheduler B"),
        Column("bytes_worker", "worker B"),
        Column("bytes_store", "store B"),
        Column("bytes_others", "others B"),
        Column("bytes_total", "total B", ratio=True),
        Column("cpu_idle_total", "idle %", 1),
        Column("cpu_busy_total", "100/s %", 1, ratio=True),
        Column("first_s", "first again s", 1, ratio=True),
        Column("whole_s", "all again s", 1, ratio=True),
    ),
    bound_seconds=2_000,
)
