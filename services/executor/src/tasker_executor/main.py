"""Wires the executor and runs it: `python -m tasker_executor.main`."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from tasker_executor.execution_log import ExecutionLog
from tasker_executor.guarded_transport import guarded_transport
from tasker_executor.handlers.registry import built_in
from tasker_executor.service import Executor
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.logs import configure
from tasker_runtime.process import until_signal


async def serve(settings: ExecutorSettings) -> None:
    """Run the executor until a signal."""
    log = configure("executor", settings.log_format, settings.log_level)
    # Names are resolved in threads: with one for each run, names that do not answer hold up nobody else.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.executor_concurrency))
    clock, health = SystemClock(), Health()
    transport = guarded_transport(settings.executor_allow_networks)
    handlers = built_in(transport, ExecutionLog(settings.log_format, sys.stdout, clock))
    executor = Executor(settings, handlers, clock, health, log)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    await until_signal(log, executor.run)
    await transport.aclose()
    await server.stop()


if __name__ == "__main__":
    try:
        asyncio.run(serve(ExecutorSettings()))
    except ValidationError as error:
        sys.exit(f"executor: {error}")
