"""Quartz on PostgreSQL."""

from bench.peers.jvm.jvm_peer import JvmPeer


class QuartzPeer(JvmPeer):
    """The clustered JDBC store, 200 threads, up to as many triggers fetched at once; see QuartzProgram.java.

    Triggers ignore misfires, so that nothing is dropped; jobs ask for recovery, so that after a kill what was begun is
    begun again, which the process does as soon as it is back.
    """

    name, artifact, main = "Quartz", "quartz", "QuartzProgram"
    settings = (
        "1 process, clustered JDBC store, 200 threads, misfires ignored, recovery requested; killed: the process; "
        "PostgreSQL: fsync and synchronous_commit on"
    )
