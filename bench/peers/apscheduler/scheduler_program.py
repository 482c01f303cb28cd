"""A process with an APScheduler: a line of JSON for each request, one for each answer."""
# pyright: basic, reportMissingImports=false

import json
import os
import socketserver
from datetime import UTC, datetime

from apscheduler.executors.base import run_job
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.mongodb import MongoDBJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from pymongo.uri_parser import parse_uri
from recorded_function import SLOTS, context

URL = os.environ["MONGODB_URL"]
FUNCTION = "recorded_function:record"


class NominalTimeExecutor(ThreadPoolExecutor):
    """The thread pool, which lets the function know its nominal time: APScheduler 3 tells it to events only."""

    def _do_submit_job(self, job, run_times):
        alias = job._jobstore_alias  # noqa: SLF001 -- as the executor's own method has it

        def run():
            events = []
            for run_time in run_times:
                context.nominal_ms = round(run_time.timestamp() * 1000)
                events += run_job(job, alias, [run_time], self._logger.name)
            return events

        def done(future):
            if error := future.exception():
                self._run_job_error(job.id, error, error.__traceback__)
            else:
                self._run_job_success(job.id, future.result())

        self._pool.submit(run).add_done_callback(done)


scheduler = BackgroundScheduler(
    timezone=UTC,
    jobstores={"default": MongoDBJobStore(database=parse_uri(URL)["database"], host=URL)},
    executors={"default": NominalTimeExecutor(SLOTS)},
    # nothing that is late is dropped or put together, and nothing waits for an earlier run of the same job
    job_defaults={"coalesce": False, "misfire_grace_time": None, "max_instances": 1_000_000},
)


def every_second(names, at):
    """Interval jobs."""
    start = datetime.fromtimestamp(at / 1000, UTC)
    for name in names:
        scheduler.add_job(FUNCTION, "interval", seconds=1, start_date=start, args=(name,), id=name)


def once(names, at):
    """Date jobs."""
    for name in names:
        scheduler.add_job(FUNCTION, "date", run_date=datetime.fromtimestamp(at / 1000, UTC), args=(name,), id=name)


def remove(names, at):
    """Remove jobs."""
    for name in names:
        scheduler.remove_job(name)


COMMANDS = {"everySecond": every_second, "once": once, "remove": remove}


class Requests(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        """Answer each line."""
        for line in self.rfile:
            request = json.loads(line)
            try:
                COMMANDS[request["do"]](request["names"], request["at"])
                answer = {"ok": None}
            except Exception as error:  # noqa: BLE001 -- whatever it is, the other side is told
                answer = {"error": repr(error)}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    scheduler.start()
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", int(os.environ["CONTROL_PORT"])), Requests) as server:
        server.daemon_threads = True
        server.serve_forever()
