"""The run in the background, for scripts: start, status, stop."""

import os
import signal
import subprocess
import sys
import time

from tasker_devstack import layout
from tasker_devstack.lock import RunLock
from tasker_devstack.trouble import Trouble

READY_SECONDS = 300
STOP_SECONDS = 60
LOG = layout.LOGS / "run.log"


def start() -> str:
    """Start a run that outlives us; returns its URL when it is ready. Raises Trouble with the log's tail otherwise."""
    lock = RunLock(layout.STATE)
    if lock.held():
        raise Trouble(f"Tasker runs here already (pid {lock.read().get('pid', '?')}): see `make run-status`")
    layout.LOGS.mkdir(parents=True, exist_ok=True)
    with LOG.open("wb") as log:
        command = [sys.executable, "-m", "tasker_devstack", "run"]
        run = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        note = lock.read()
        if note.get("pid") == run.pid and note.get("ready"):
            return str(note["url"])
        if run.poll() is not None:
            break
        pause()
    else:
        run.terminate()
        run.wait(STOP_SECONDS)
    tail = "".join(LOG.read_text(errors="replace").splitlines(keepends=True)[-30:])
    raise Trouble(f"Tasker did not come up; the end of {LOG}:\n{tail}")


def status() -> str:
    """One line on the run of this checkout. Raises Trouble when there is none."""
    lock = RunLock(layout.STATE)
    if not lock.held():
        raise Trouble("Tasker does not run here: start it with `make run` or `make run-detached`")
    note = lock.read()
    return f"running at {note['url']} (pid {note['pid']})" if note.get("ready") else f"starting (pid {note.get('pid')})"


def stop() -> str:
    """End the run of this checkout; harmless when there is none. Raises Trouble when it does not end in time."""
    lock = RunLock(layout.STATE)
    if not lock.held():
        return "Tasker does not run here"
    pid = int(lock.read()["pid"])
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while lock.held():
        if time.monotonic() > deadline:
            raise Trouble(f"the run (pid {pid}) does not end: kill -9 {pid} ends it with all it started")
        pause()
    return "stopped"


def pause() -> None:
    """Wait a little before looking again at another process."""
    signal.sigtimedwait([], 0.1)
