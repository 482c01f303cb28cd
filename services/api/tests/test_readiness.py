"""An API whose backends go away goes on answering: a balancer that took it away would leave nobody to answer."""

from typing import Any, cast

from fastapi import FastAPI

from tasker_api.publishing import verdict_stream
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.server import api_server
from tasker_api.server.api_server import ApiServer
from tasker_runtime.health import Health
from tasker_runtime.testing import RecordedLog

NOBODY: Any = cast("Any", None)


def test_it_is_ready_when_both_backends_have_answered_and_stays_so_when_they_go_away() -> None:
    health = Health()
    VerdictStream(NOBODY, health, RecordedLog())
    ApiServer(FastAPI(), (), NOBODY, (), "tasker.task-events", health)
    health.ok(api_server.LOOP)
    health.ok(api_server.CHECK)
    health.fail(verdict_stream.CHECK, "the journal in MongoDB can't be followed")
    assert not health.report().ready, "a new one that reaches no MongoDB takes nobody's place"
    health.ok(verdict_stream.CHECK)
    assert health.report().ready
    health.fail(api_server.CHECK, "Kafka does not answer")
    health.fail(verdict_stream.CHECK, "the journal in MongoDB can't be followed")
    report = health.report()
    assert report.ready, "reads go on without Kafka, and changes are taken without MongoDB"
    assert report.live
    assert not health.holding()[api_server.CHECK], "alerts see it all the same"
