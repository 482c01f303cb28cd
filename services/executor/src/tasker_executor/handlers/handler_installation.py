"""All handlers of an executor: the built-in ones and the plug-ins, with what they work with."""

import os
import sys
from dataclasses import dataclass, field

import aiohttp

from tasker.process_pool import ProcessPool
from tasker_executor.handlers.built_in_handlers import HandlerDependencies, built_in_handlers
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.handlers.local_handlers import LocalHandlers
from tasker_executor.handlers.plugins.adapter import install_plugins
from tasker_executor.handlers.plugins.lingering_threads import LingeringThreads
from tasker_executor.handlers.plugins.loader import LoadedPlugins, load_plugins, plugin_environment
from tasker_executor.http.callbacks import CallbackUrls
from tasker_executor.http.names.name_resolver import NameResolver
from tasker_executor.http.secrets.secret_store import SecretStore
from tasker_executor.http.session import checked_session
from tasker_executor.http.tls_contexts import TlsContexts
from tasker_executor.run_spans import RunSpans
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import Clock
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.logs import Log


@dataclass(frozen=True, slots=True)
class InstalledHandlers:
    """The handlers of an executor, the plug-ins among them, and the threads of plug-ins that outlive their attempt."""

    local: LocalHandlers
    plugins: LoadedPlugins = field(default_factory=LoadedPlugins)
    lingering_threads: LingeringThreads = field(default_factory=LingeringThreads)


@dataclass(frozen=True, slots=True)
class HandlerResources:
    """What handlers share, and what is closed at the end."""

    processes: ProcessPool
    session: aiohttp.ClientSession
    names: NameResolver
    producer: RecordProducer

    async def close(self) -> None:
        """End the processes, and disconnect."""
        await self.processes.close()
        await self.session.close()
        await self.names.close()
        await self.producer.stop()


def install_handlers(
    settings: ExecutorSettings, clock: Clock, log: Log, spans: RunSpans | None = None
) -> tuple[InstalledHandlers, HandlerResources]:
    """Load the plug-ins and connect nothing yet. Needs a running event loop."""
    names = NameResolver(settings.executor_concurrency)
    resources = HandlerResources(
        ProcessPool(settings.executor_processes, plugin_environment(os.environ)),
        checked_session(
            settings.executor_allow_networks, settings.connections_per_host, names, settings.executor_ca_file
        ),
        names,
        RecordProducer(settings.kafka),
    )
    dependencies = HandlerDependencies(
        execution_log=ExecutionLog(settings.log_format, sys.stdout, clock),
        session=resources.session,
        secrets=SecretStore(settings.executor_secrets_dir, os.environ),
        producer=resources.producer,
        topic_prefix=settings.topic_prefix,
        clock=clock,
        spans=spans,
        callbacks=CallbackUrls(settings.callback_base_url, settings.callback_secrets),
        tls_contexts=TlsContexts(settings.executor_ca_file),
    )
    installed = InstalledHandlers(built_in_handlers(dependencies), load_plugins())
    install_plugins(
        installed.plugins,
        installed.local,
        resources.processes,
        installed.lingering_threads,
        clock,
        log,
        spans or RunSpans(),
    )
    return installed, resources
