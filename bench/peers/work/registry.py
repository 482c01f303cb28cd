"""The kinds of work by name, in the order in which they are done."""

from bench.peers.work.burst import BURST
from bench.peers.work.held_tasks import HELD
from bench.peers.work.idle_lateness import IDLE
from bench.peers.work.scheduler_kills import KILLS
from bench.peers.work.sustained_rate import RAMP
from bench.peers.work.work import Work

WORKS: dict[str, Work] = {work.name: work for work in (IDLE, BURST, RAMP, HELD, KILLS)}
