"""Many tasks that are due in one second: until the last one was executed, and until it was logged."""

import asyncio
from math import ceil

from bench.peers.peer import Execution, Peer
from bench.peers.work.occurrence_account import account_once
from bench.peers.work.window import CLOCK, until_ms, whole_second
from bench.peers.work.work import NOTE, Case, Cases, Column, Size, Work, say
from tasker_runtime.clock import monotonic_ms

PROBE = 500
LEAD_SECONDS = 400
"""So long before they are due tasks may be stored."""
STALL_SECONDS, LOOK_SECONDS, LATER_SECONDS = 40, 0.5, 2


async def measure_bursts(peer: Peer, size: Size, cases: Cases) -> None:
    """Some sizes, one after the other. How long storing takes is learned from the size before."""
    rate = await _probe(peer)
    for count in size.bursts:
        case = cases[f"{count:,} due in one second"] = Case()
        if (lead := ceil(count / rate * 1.3) + 5) > LEAD_SECONDS:
            case[NOTE] = f"left out: at {rate:,.0f} a second storing them takes {count / rate / 60:.0f} minutes"
            continue
        names, at_ms = [f"burst{count}-{n:06d}" for n in range(count)], whole_second(lead)
        say(f"{peer.name}: {count:,} due in one second, in {lead} s")
        before, began = await peer.executed(), monotonic_ms()
        await peer.once(names, at_ms)
        rate = case["stored_per_s"] = count * 1000 / max(1, monotonic_ms() - began)
        if (behind := CLOCK.now_ms() - at_ms) > 0:
            case[NOTE] = f"they were due {behind / 1000:.0f} s before all were stored"
        await until_ms(at_ms)
        await _until_executed(peer, before + count, at_ms + size.burst_seconds * 1000)
        _fill_in(case, await peer.executions(), names, at_ms)


async def _probe(peer: Peer) -> float:
    """Tasks stored a second, by some few, which are executed then."""
    began, at_ms, before = monotonic_ms(), whole_second(4), await peer.executed()
    await peer.once([f"probe-{n:04d}" for n in range(PROBE)], at_ms)
    rate = PROBE * 1000 / max(1, monotonic_ms() - began)
    await until_ms(at_ms)
    await _until_executed(peer, before + PROBE, at_ms + 60_000)
    return rate


async def _until_executed(peer: Peer, count: int, deadline_ms: int) -> None:
    """Wait until so many executions are logged, none has come for long, or the time is over."""
    last, grown_ms = -1, CLOCK.now_ms()
    while (now := CLOCK.now_ms()) < deadline_ms and now - grown_ms < STALL_SECONDS * 1000:
        if (done := await peer.executed()) >= count:
            await asyncio.sleep(LATER_SECONDS)  # what comes twice comes after what came once
            return
        if done > last:
            last, grown_ms = done, now
        await asyncio.sleep(LOOK_SECONDS)


def _fill_in(case: Case, log: list[Execution], names: list[str], at_ms: int) -> None:
    account, owed = account_once(log, names), set(names)
    mine = [one for one in log if one.task in owed]
    case |= {"missing": account.missing, "doubled": account.doubled}
    if mine:
        started = (max(one.started_ms for one in mine) - at_ms) / 1000
        logged = (max(one.logged_ms for one in mine) - at_ms) / 1000
        case["logged_per_s"] = account.executed / max(0.001, logged)
        case |= {"started_s": started, "logged_s": logged}
    if account.missing:
        seconds = (CLOCK.now_ms() - at_ms) / 1000
        case["logged_s"] = f"{account.executed:,} of {account.expected:,} after {seconds:.0f} s"


BURST = Work(
    "burst",
    "one-time tasks that are due in one second",
    measure_bursts,
    (
        Column("stored_per_s", "stored/s", ratio=True),
        Column("started_s", "last started s", 2, ratio=True),
        Column("logged_s", "last logged s", 2, ratio=True),
        Column("logged_per_s", "logged/s", ratio=True),
        Column("missing", "missing"),
        Column("doubled", "doubled"),
    ),
    bound_seconds=1_500,
)
