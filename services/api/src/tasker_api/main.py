"""Runs the API: `python -m tasker_api.main`."""

from tasker_api.composition import compose
from tasker_api.server.api_server import ApiServer
from tasker_api.settings import ApiSettings
from tasker_runtime.health import Health, HealthServer
from tasker_runtime.lifecycle import run_service, run_until_signal
from tasker_runtime.logs import configure
from tasker_runtime.metrics.service_metrics import show_process
from tasker_runtime.tracing.recorder import close_tracing, start_tracing


async def serve() -> None:
    """Run the API until a signal."""
    settings, health = ApiSettings(), Health()
    log = configure("api", settings.log_format, settings.log_level)
    show_process("api", settings.partitions)
    recorder = start_tracing("api", log)
    parts = compose(settings, health, log, recorder)
    topic = settings.topics["task-events"]
    server = ApiServer(parts.app, parts.loops, parts.changes, parts.producers, topic, health)
    health_server = HealthServer(health, settings.metrics_host, settings.metrics_port)
    await health_server.start()
    host, port, drain = settings.api_host, settings.api_port, settings.drain_seconds
    await run_until_signal(log, lambda stopping: server.run(host, port, drain, stopping))
    parts.mongo.close()
    await close_tracing(recorder)
    await health_server.stop()


def main() -> None:
    """The command `tasker-api`."""
    run_service("api", serve)


if __name__ == "__main__":
    main()
