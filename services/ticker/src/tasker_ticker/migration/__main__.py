"""`python -m tasker_ticker.migration --to PREFIX --partitions N`: another number of partitions.

With the tickers stopped, all that is due carried out and all results logged (it checks), it copies what the ticker
remembers from the topics of TASKER_TOPIC_PREFIX to those of another prefix, which it makes. The old topics are not
changed. Then start all services with the new prefix and TASKER_PARTITIONS.
"""

import argparse
import asyncio
import sys

from pydantic import ValidationError

from tasker_core.errors import TaskerError
from tasker_runtime.kafka.client import KafkaError
from tasker_runtime.logs import configure
from tasker_runtime.settings import KafkaSettings
from tasker_ticker.migration.first_watermarks import UnknownOutcome
from tasker_ticker.migration.migration import Migration


def main() -> int:
    """0 when done, 1 with one line of reason otherwise, also of whether something has begun with the new topics."""
    parser = argparse.ArgumentParser(
        prog="python -m tasker_ticker.migration",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--to", required=True, metavar="PREFIX", help="the prefix of the new topics")
    parser.add_argument("--partitions", required=True, type=int, metavar="N", help="how many each of them has")
    given = parser.parse_args()
    try:
        settings = KafkaSettings()
        KafkaSettings.model_validate({"topic_prefix": given.to, "partitions": given.partitions})
    except ValidationError as error:
        first = error.errors()[0]
        parser.error(f"{first['loc'][0]}: {first['msg']}")
    if given.to == settings.topic_prefix:
        parser.error("--to: the new prefix must be another one than TASKER_TOPIC_PREFIX")
    try:
        asyncio.run(_migrate(settings, given.to, given.partitions))
    except UnknownOutcome as error:
        sys.stderr.write(f"migration: {error}\n")
        return 1
    except (TaskerError, KafkaError, ValueError) as error:
        sys.stderr.write(f"migration: {error} (nothing has begun with the new topics)\n")
        return 1
    return 0


async def _migrate(settings: KafkaSettings, prefix: str, partitions: int) -> None:
    log = configure("migration", "console", "warning")
    await Migration(settings, prefix, partitions, log, _say).run()


def _say(line: str) -> None:
    sys.stdout.write(f"migration: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
