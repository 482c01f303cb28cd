"""Wires the executor and runs it: `python -m tasker_executor.main`."""

from tasker_executor.executor import Executor
from tasker_executor.handlers.handler_installation import install_handlers
from tasker_executor.handlers.plugins.handler_logs import forward_handler_logs
from tasker_executor.run_spans import RunSpans
from tasker_executor.settings import ExecutorSettings
from tasker_runtime.clock import SystemClock
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.lifecycle import exit_within, run_service, run_until_signal
from tasker_runtime.logs import configure
from tasker_runtime.metrics.service_metrics import show_process
from tasker_runtime.tracing.recorder import close_tracing, start_tracing


async def serve() -> None:
    """Run the executor until a signal."""
    settings = ExecutorSettings()
    log = configure("executor", settings.log_format, settings.log_level)
    show_process("executor", settings.partitions)
    clock, health = SystemClock(), Health()
    forward_handler_logs(log)
    recorder = start_tracing("executor", log)
    spans = RunSpans(recorder)
    handlers, resources = install_handlers(settings, clock, log, spans)
    executor = Executor(settings, handlers, clock, health, log, spans)
    server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await server.start()
    try:
        await run_until_signal(log, executor.run)
    finally:
        exit_within(10)
    await resources.close()
    await close_tracing(recorder)
    await server.stop()


def main() -> None:
    """The command `tasker-executor`."""
    run_service("executor", serve)


if __name__ == "__main__":
    main()
