"""The composition root: everything that an API consists of, made from its settings. It connects to nothing."""

from dataclasses import dataclass

from fastapi import FastAPI

from tasker_api.api_context import ApiContext
from tasker_api.app import create_app
from tasker_api.callback_tokens import CallbackTokens
from tasker_api.changes.change_watcher import ChangeWatcher
from tasker_api.dead_letters.dead_letter_reader import DeadLetterReader
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.queries.handlers import HandlerQueries
from tasker_api.queries.journal import JournalQueries
from tasker_api.queries.occurrences import OccurrenceQueries
from tasker_api.queries.revisions import RevisionQueries
from tasker_api.queries.runs import RunQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_api.queries.timings import TimingQueries
from tasker_api.settings import ApiSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo
from tasker_runtime.tracing.spans import SpanRecorder


@dataclass(frozen=True, slots=True)
class ApiParts:
    """The parts that have to be run, stopped or closed."""

    app: FastAPI
    changes: ChangeWatcher
    verdicts: VerdictStream
    producer: RecordProducer
    mongo: Mongo


def compose(settings: ApiSettings, health: Health, log: Log, recorder: SpanRecorder | None = None) -> ApiParts:
    """An API by its settings."""
    mongo, producer = Mongo(settings.mongodb), RecordProducer(settings.kafka)
    verdicts, journal, topics = VerdictStream(mongo, health, log), JournalQueries(mongo), settings.topics
    changes = ChangeWatcher(mongo, log, settings.api_max_streams)
    context = ApiContext(
        publisher=CommandPublisher(producer, topics["task-events"], verdicts, journal, log),
        tasks=TaskQueries(mongo),
        timings=TimingQueries(mongo),
        runs=RunQueries(mongo),
        occurrences=OccurrenceQueries(mongo, topics["watermarks"], settings.partitions),
        journal=journal,
        revisions=RevisionQueries(mongo),
        handlers=HandlerQueries(mongo),
        dead_letters=DeadLetterReader(settings.kafka, topics, settings.partitions, producer),
        clock=SystemClock(),
        callbacks=CallbackTokens(settings.callback_secrets),
        changes=changes,
    )
    return ApiParts(create_app(settings, context, health, log, recorder), changes, verdicts, producer, mongo)
