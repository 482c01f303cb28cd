"""Events on which an owner fails, for a reason that nobody foresaw: none of them keeps its partition from going on.

Such an owner is discarded, since its state is in doubt. The next one tries the event once more: it may have been the
owner's fault, or that of the machine. An event that fails again is rejected and becomes a dead letter. All this is
remembered in the process, while it owns the partition; whoever takes over finds it out anew.
"""

from typing import Final

from tasker_core.kafka_record import Record
from tasker_runtime.kafka.client import KafkaError, KafkaTimeout
from tasker_ticker.kafka.event_decoder import EventDecoder
from tasker_ticker.scheduling.events.event_dispatch import EventFailed
from tasker_ticker.scheduling.scheduler_inputs import IncomingEvent

MAX_FAILURES: Final = 2


class FailedEvents:
    """Those of one partition. `decoder` decodes all events."""

    def __init__(self, decoder: EventDecoder) -> None:
        self._decoder = decoder
        self._failures: dict[int, list[str]] = {}
        """Why, as a text: by its traceback an error holds all that its owner held."""

    def note(self, failure: EventFailed) -> None:
        """Remember that an owner has failed on an event."""
        self._failures.setdefault(failure.offset, []).append(str(failure))

    async def decode(self, record: Record) -> IncomingEvent:
        """An event as it was read, or its rejection. Raises EventFailed, KafkaError or KafkaTimeout."""
        failures = self._failures.get(record.offset, [])
        try:
            if len(failures) < MAX_FAILURES:
                return await self._decoder.decode(record)
            # Where even its answer fails, who has sent it is not told any more.
            return await self._decoder.give_up(record, failures[0], answered=len(failures) == MAX_FAILURES)
        except (KafkaError, KafkaTimeout, OSError):
            raise
        except Exception as error:
            raise EventFailed(record.offset, error) from error
