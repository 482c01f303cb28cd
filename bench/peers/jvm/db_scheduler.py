"""db-scheduler on PostgreSQL."""

from bench.peers.jvm.jvm_peer import JvmPeer


class DbSchedulerPeer(JvmPeer):
    """Lock-and-fetch every 100 ms, by 200 threads; see bench/peers/jvm/…/DbSchedulerProgram.java for the rest.

    After a kill it begins anew what the killed process had begun, once four heartbeats of 2 s are missed (by default:
    six of five minutes). It never executes two seconds of one task: a second that passes while a task is late is left
    out, as its documentation says.
    """

    name, artifact, main = "db-scheduler", "db-scheduler", "DbSchedulerProgram"
    settings = (
        "1 process, lock-and-fetch every 100 ms, 200 threads, heartbeat every 2 s; killed: the process; PostgreSQL: "
        "fsync and synchronous_commit on"
    )
