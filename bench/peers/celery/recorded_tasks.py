"""The Celery application: for the worker, beat, and the producer. It runs in an environment of its own."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import json
import os
import time
from pathlib import Path

import redis
from celery import Celery
from celery.signals import worker_ready

REDIS = f"redis://127.0.0.1:{os.environ['REDIS_PORT']}"
YEARS_SECONDS = 2 * 366 * 86_400
app = Celery("recorded_tasks", broker=f"{REDIS}/0", backend=f"{REDIS}/1")
app.conf.update(
    task_acks_late=True,
    # as its page on Redis demands: longer than the longest ETA that is used, or tasks are delivered again and again
    broker_transport_options={"visibility_timeout": YEARS_SECONDS},
    broker_connection_retry_on_startup=True,
)


def _schedule():
    """The names that are due each second, from the file that the peer writes before beat is started."""
    file = Path(os.environ["SCHEDULE_FILE"])
    names = json.loads(file.read_text()) if file.exists() else []
    return {name: {"task": "record", "schedule": 1.0, "args": (name,)} for name in names}


app.conf.beat_schedule = _schedule()
_log = None


@app.task(name="record")
def record(task, nominal=""):
    """Note when it was called."""
    global _log
    started = time.time_ns() / 1e6  # noqa: TID251 -- a program of its own, without Tasker's packages
    if _log is None:
        _log = redis.Redis(port=int(os.environ["REDIS_PORT"]))
    _log.xadd("executions", {"task": task, "nominal": nominal, "started": started})


@worker_ready.connect
def _say_ready(**_):
    print("worker is ready", flush=True)
