"""The peers by name, in the order in which they are measured."""

from collections.abc import Callable

from bench.peers.apscheduler.apscheduler_peer import ApschedulerPeer
from bench.peers.bullmq.bullmq_peer import BullmqPeer
from bench.peers.celery.celery_peer import CeleryPeer
from bench.peers.peer import Peer
from bench.peers.tasker.tasker_peer import TaskerPeer

REFERENCE = "tasker"
"""The one that the others are compared with."""
PEERS: dict[str, Callable[[], Peer]] = {
    REFERENCE: TaskerPeer,
    "bullmq": BullmqPeer,
    "celery": CeleryPeer,
    "apscheduler": ApschedulerPeer,
}
