"""The function that APScheduler calls, and its log in MongoDB. It runs in an environment of its own."""
# pyright: basic, reportMissingImports=false

import os
import threading
import time
from queue import Queue

from pymongo import MongoClient, UpdateOne
from pymongo.write_concern import WriteConcern

SLOTS = 200
PORTION = 1_000
DURABLE = WriteConcern(w="majority", j=True)
context = threading.local()
"""`nominal_ms`: the time for which the function is called in this thread."""
_client = MongoClient(os.environ["MONGODB_URL"], maxPoolSize=SLOTS + 10)
_log = _client.get_default_database().get_collection("executions", write_concern=DURABLE)
_acknowledged: Queue = Queue()


def now_ms():
    """Epoch milliseconds."""
    return time.time_ns() / 1e6  # noqa: TID251 -- a program of its own, without Tasker's packages


def record(task):
    """Note when it was called; until it is known when that was acknowledged, the time of sending stands for it."""
    started = now_ms()
    row = {"task": task, "nominal": context.nominal_ms, "started": started, "logged": started}
    inserted = _log.insert_one(row)
    _acknowledged.put(UpdateOne({"_id": inserted.inserted_id}, {"$set": {"logged": now_ms()}}))


def _note_acknowledged():
    """Write behind, many at a time, when each was acknowledged."""
    notes = _client.get_default_database()["executions"]
    while True:
        some = [_acknowledged.get()]
        while len(some) < PORTION and not _acknowledged.empty():
            some.append(_acknowledged.get())
        notes.bulk_write(some, ordered=False)


threading.Thread(target=_note_acknowledged, daemon=True).start()
