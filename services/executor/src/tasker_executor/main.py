"""Wires the executor and runs it: `python -m tasker_executor.main`."""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from tasker.process_pool import ProcessPool
from tasker_executor.executor import Executor
from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.handlers.local_handlers import Means, built_in
from tasker_executor.handlers.plugins import environment_of, install, load, show_lines
from tasker_executor.http.secrets.secret_store import Secrets
from tasker_executor.http.session import guarded_session
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.kafka.record_producer import RecordProducer
from tasker_runtime.lifecycle import exit_within, run_until_signal
from tasker_runtime.logs import configure


async def serve(settings: ExecutorSettings) -> None:
    """Run the executor until a signal."""
    log = configure("executor", settings.log_format, settings.log_level)
    # Names are resolved in threads: with one for each run, names that do not answer hold up nobody else.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.executor_concurrency))
    clock, health = SystemClock(), Health()
    session = guarded_session(settings.executor_allow_networks, settings.connections_per_host)
    sender = RecordProducer(settings.kafka_bootstrap_servers)
    secrets = Secrets(settings.executor_secrets_dir, os.environ)
    lines = ExecutionLog(settings.log_format, sys.stdout, clock)
    handlers = built_in(Means(lines, session, secrets, sender, settings.topic_prefix, clock))
    show_lines(log)
    plugins, processes = load(), ProcessPool(settings.executor_processes, environment_of(os.environ))
    install(plugins, handlers, processes, clock, log)
    executor = Executor(settings, handlers, clock, health, log, plugins)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    try:
        await run_until_signal(log, executor.run)
    finally:
        exit_within(10)
    await processes.close()
    await session.close()
    await sender.stop()
    await server.stop()


if __name__ == "__main__":
    try:
        asyncio.run(serve(ExecutorSettings()))
    except ValidationError as error:
        sys.exit(f"executor: {error}")
