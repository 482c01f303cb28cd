"""The peers by name, in the order in which they are measured."""

from collections.abc import Callable

from bench.peers.apscheduler.apscheduler_peer import ApschedulerPeer
from bench.peers.bullmq.bullmq_peer import BullmqPeer
from bench.peers.celery.celery_peer import CeleryPeer
from bench.peers.jvm.db_scheduler import DbSchedulerPeer
from bench.peers.jvm.quartz import QuartzPeer
from bench.peers.peer import Peer
from bench.peers.tasker.tasker_peer import TaskerPeer
from bench.peers.temporal.temporal_peer import TemporalPeer

REFERENCE = "tasker"
"""The one that the others are compared with."""
PEERS: dict[str, Callable[[], Peer]] = {
    REFERENCE: TaskerPeer,
    "bullmq": BullmqPeer,
    "celery": CeleryPeer,
    "apscheduler": ApschedulerPeer,
    "db-scheduler": DbSchedulerPeer,
    "quartz": QuartzPeer,
    "temporal": TemporalPeer,
}
