"""The run in the background, for scripts: start, status, stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from tasker_devstack import paths
from tasker_devstack.errors import DevstackError
from tasker_devstack.polling import pause
from tasker_devstack.supervision.run_lock import RunLock

READY_SECONDS = 1200
"""The first time, with all of Kafka to fetch; what takes too long in the run itself ends it sooner."""
STOP_SECONDS = 60
LAST_LINES = 40
LOG = paths.LOGS / "run.log"


def start() -> str:
    """Start a run that outlives us; returns its URL when it is ready. Raises DevstackError."""
    lock = RunLock(paths.STATE)
    if lock.held():
        pid = lock.read().get("pid", "?")
        raise DevstackError(f"Tasker runs here already (pid {pid}): see `make run-status`; `make run-stop` ends it")
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    print(f"tasker: starting in the background; the log is {LOG}", flush=True)
    with LOG.open("wb") as log:
        command = [sys.executable, "-m", "tasker_devstack", "run"]
        run = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if _ready(lock, run):
            return f"running at {lock.read()['url']} (pid {run.pid}); `make run-stop` ends it"
    except KeyboardInterrupt:
        run.terminate()
        raise DevstackError("interrupted: the run in the background is ended as well") from None
    raise DevstackError(f"{_reason(run)} (the log is {LOG})")


def _ready(lock: RunLock, run: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while run.poll() is None:
        note = lock.read()
        if note.get("pid") == run.pid and note.get("ready"):
            return True
        if time.monotonic() > deadline:
            run.terminate()
            return False
        pause()
    return False


def _reason(run: subprocess.Popen[bytes]) -> str:
    """Why a run was not ready: its own line, or the end of its log when it could not give one."""
    with contextlib.suppress(subprocess.TimeoutExpired):  # it may have been told to end only now
        run.wait(STOP_SECONDS)
    lines = LOG.read_text(errors="replace").splitlines()
    own = [line.removeprefix("tasker: ") for line in lines if line.startswith("tasker: ")]
    if own:
        return own[-1]
    end = "does not end" if run.returncode is None else f"ended with status {run.returncode}"
    return "\n".join((f"it {end} before it was ready:", *lines[-LAST_LINES:], ""))


def status() -> str:
    """One line on the run of this checkout. Raises DevstackError when there is none."""
    lock = RunLock(paths.STATE)
    if not lock.held():
        raise DevstackError("Tasker does not run here: start it with `make run` or `make run-detached`")
    note = lock.read()
    return f"running at {note['url']} (pid {note['pid']})" if note.get("ready") else f"starting (pid {note.get('pid')})"


def stop() -> str:
    """End the run of this checkout; harmless when there is none. Raises DevstackError when it does not end in time."""
    lock = RunLock(paths.STATE)
    if not lock.held():
        return "Tasker does not run here"
    deadline = time.monotonic() + STOP_SECONDS
    pid: int | None = None
    while lock.held():
        noted = lock.read().get("pid")
        if pid is None and noted:
            pid = int(noted)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        elif noted and noted != pid:  # ours has ended, and another has begun
            break
        if time.monotonic() > deadline:
            raise DevstackError(f"the run (pid {pid}) does not end: kill -9 {pid} ends it with all it started")
        pause()
    return "stopped"
