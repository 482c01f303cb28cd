"""Sends tasks with an ETA: a line of JSON for each request, one for each answer."""
# pyright: basic, reportMissingImports=false

import json
import os
import socketserver
from datetime import UTC, datetime

from recorded_tasks import app, record


class Requests(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        """Answer each line."""
        for line in self.rfile:
            request = json.loads(line)
            try:
                send(request["names"], request["at"])
                answer = {"ok": None}
            except Exception as error:  # noqa: BLE001 -- whatever it is, the other side is told
                answer = {"error": repr(error)}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


def send(names, at):
    """A task each, over one connection."""
    eta = datetime.fromtimestamp(at / 1000, UTC)
    with app.producer_or_acquire() as producer:
        for name in names:
            record.apply_async((name, at), eta=eta, producer=producer)


if __name__ == "__main__":
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", int(os.environ["CONTROL_PORT"])), Requests) as server:
        server.daemon_threads = True
        server.serve_forever()
