"""The handlers that Tasker brings."""

from dataclasses import dataclass

import aiohttp

from tasker_executor.handlers.curl import curl_handler
from tasker_executor.handlers.default_handler import default_handler
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.handlers.http import http_handler
from tasker_executor.handlers.kafka import kafka_handler
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.http.callbacks import NO_CALLBACKS, CallbackUrls
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.target_host import called_host
from tasker_executor.http.tls_contexts import TlsContexts
from tasker_executor.run_spans import RunSpans
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.record_producer import RecordProducer


@dataclass(frozen=True, slots=True)
class HandlerDependencies:
    """What the built-in handlers work with. `topic_prefix` is that of Tasker's own topics."""

    execution_log: ExecutionLog
    session: aiohttp.ClientSession
    secrets: SecretStore
    producer: RecordProducer
    topic_prefix: str
    clock: Clock
    spans: RunSpans | None = None
    callbacks: CallbackUrls = NO_CALLBACKS
    tls_contexts: TlsContexts | None = None


def built_in_handlers(dependencies: HandlerDependencies) -> LocalHandlers:
    """The handlers that Tasker brings."""
    session, secrets, clock = dependencies.session, dependencies.secrets, dependencies.clock
    spans = dependencies.spans
    return LocalHandlers(
        quick={"default": default_handler(dependencies.execution_log)},
        slow={
            "curl": curl_handler(session, secrets, clock, spans),
            "http": http_handler(
                session, secrets, clock, spans, dependencies.callbacks, tls_contexts=dependencies.tls_contexts
            ),
            "kafka": kafka_handler(dependencies.producer, dependencies.topic_prefix, clock, spans),
        },
        hosts={"curl": called_host, "http": called_host},
    )
