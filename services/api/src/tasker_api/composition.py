"""The composition root: everything that an API consists of, made from its settings. It connects to nothing."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from fastapi import FastAPI

from tasker_api.access.key_ring import KeyRing
from tasker_api.api_context import ApiContext
from tasker_api.app import create_app
from tasker_api.callback_tokens import CallbackTokens
from tasker_api.change_sets.change_set_job import JobParts
from tasker_api.change_sets.change_set_runner import ChangeSetRunner
from tasker_api.changes.change_watcher import ChangeWatcher, follow_system
from tasker_api.dead_letters.dead_letter_reader import DeadLetterReader
from tasker_api.publishing.publisher import CommandPublisher
from tasker_api.publishing.verdict_stream import VerdictStream
from tasker_api.queries.calendars import CalendarQueries
from tasker_api.queries.change_sets import ChangeSetQueries
from tasker_api.queries.handlers import HandlerQueries
from tasker_api.queries.journal import JournalQueries
from tasker_api.queries.occurrences import OccurrenceQueries
from tasker_api.queries.revisions import RevisionQueries
from tasker_api.queries.run_lists.run_queries import RunQueries
from tasker_api.queries.statistics import StatisticsQueries
from tasker_api.queries.tasks import TaskQueries
from tasker_api.queries.timings import TimingQueries
from tasker_api.self_check.canary_keeper import CanaryKeeper
from tasker_api.self_check.dead_man_ping import DeadManPing
from tasker_api.server.index_check import IndexCheck
from tasker_api.settings import ApiSettings
from tasker_api.system.canary_tasks import canary_ids
from tasker_api.system.database_look import DatabaseLook
from tasker_api.system.kafka_look import KafkaLook
from tasker_api.system.system_monitor import SystemMonitor
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health
from tasker_runtime.kafka.client_id import this_instance
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log
from tasker_runtime.mongo import Mongo, missing_indexes
from tasker_runtime.tracing.spans import SpanRecorder

SYSTEM_SECONDS: Final = 5.0
"""So often the state of the system is looked at while somebody wants to hear of its changes."""


@dataclass(frozen=True, slots=True)
class ApiParts:
    """The parts that have to be run, stopped or closed. `loops` run beside the server."""

    app: FastAPI
    changes: ChangeWatcher
    loops: Sequence[Callable[[], Coroutine[Any, Any, None]]]
    verdicts: VerdictStream
    producers: Sequence[RecordProducer]
    mongo: Mongo


def compose(settings: ApiSettings, health: Health, log: Log, recorder: SpanRecorder | None = None) -> ApiParts:
    """An API by its settings. Raises KeysUnreadable."""
    mongo, producer = Mongo(settings.mongodb), RecordProducer(settings.kafka)
    verdicts, journal, topics = VerdictStream(mongo, health, log), JournalQueries(mongo), settings.topics
    changes = ChangeWatcher(mongo, log, settings.api_max_streams)
    keys = KeyRing(settings.api_keys_file, SystemClock(), health, log) if settings.api_keys_file else None
    system, partitions = _monitor(settings, mongo, keys), settings.partitions
    change_sets, many = ChangeSetQueries(mongo), RecordProducer(settings.kafka)  # so that single events wait for none
    jobs = JobParts(many, topics["task-events"], verdicts, change_sets, SystemClock(), this_instance("api").name, log)
    runner = ChangeSetRunner(jobs)
    context = ApiContext(
        publisher=CommandPublisher(producer, topics["task-events"], verdicts, journal, log),
        tasks=TaskQueries(mongo),
        timings=TimingQueries(mongo),
        runs=RunQueries(mongo),
        occurrences=OccurrenceQueries(mongo, topics["watermarks"], settings.partitions),
        statistics=StatisticsQueries(mongo),
        journal=journal,
        revisions=RevisionQueries(mongo),
        handlers=HandlerQueries(mongo),
        calendars=CalendarQueries(mongo),
        change_sets=change_sets,
        change_set_runner=runner,
        dead_letters=DeadLetterReader(settings.kafka, topics, partitions, producer),
        clock=SystemClock(),
        callbacks=CallbackTokens(settings.callback_secrets),
        changes=changes,
        system=system,
        canaries=canary_ids(partitions) if settings.canary_seconds is not None else (),
        keys=keys,
        own_tasks=canary_ids(partitions),
    )
    canaries = CanaryKeeper(mongo, context.publisher, system, partitions, settings.canary_seconds, context.clock, log)
    url = settings.dead_man_url
    pings = () if url is None else (DeadManPing(url.get_secret_value(), system, log).run,)
    hints = partial(follow_system, changes, system.digest, SYSTEM_SECONDS)
    indexes = IndexCheck(partial(missing_indexes, mongo), health, log)
    loops = (indexes.run, verdicts.run, changes.run, system.run, hints, canaries.run, runner.run, *pings)
    if keys is not None:
        keys.load()
        loops = (*loops, keys.run)
    app = create_app(settings, context, health, log, recorder)
    return ApiParts(app, changes, loops, verdicts, (producer, many), mongo)


def _monitor(settings: ApiSettings, mongo: Mongo, keys: KeyRing | None) -> SystemMonitor:
    topics, partitions, clock = settings.topics, settings.partitions, SystemClock()
    groups = {service: settings.group(service) for service in ("ticker", "executor", "log-sink")}
    kafka = KafkaLook(settings.kafka, topics, partitions, groups, clock)
    database = DatabaseLook(mongo, topics["watermarks"], partitions, with_canaries=settings.canary_seconds is not None)
    instance, canary_seconds = this_instance("api"), settings.canary_seconds
    return SystemMonitor(
        kafka, database, partitions, instance, clock, canary_seconds, lambda: None if keys is None else keys.trouble
    )
