"""The recorder of a service process, by its environment."""

from tasker_runtime.logs import Log
from tasker_runtime.tracing.settings import TracingSettings
from tasker_runtime.tracing.spans import SpanRecorder


def start_tracing(service: str, log: Log, settings: TracingSettings | None = None) -> SpanRecorder | None:
    """A recorder that sends the spans of a service to the OTLP receiver of the environment; None where there is none.

    Raises pydantic's ValidationError for settings that are unusable, naming the variable.
    """
    settings = settings or TracingSettings()
    if settings.traces_url is None:
        return None
    from tasker_runtime.tracing.otlp import OtlpRecorder  # loading it takes memory, and a quarter of a second

    return OtlpRecorder(service, settings, log)


async def close_tracing(recorder: SpanRecorder | None) -> None:
    """Send what waits, within a bound."""
    if recorder is not None:
        await recorder.close()
