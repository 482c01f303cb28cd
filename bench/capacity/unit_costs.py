"""PURE. What one of each costs, as it was measured on one machine."""

import json
from dataclasses import asdict, dataclass
from typing import Final

SERVICES: Final = ("ticker", "executor", "log-sink")
BACKENDS: Final = ("kafka", "mongod")
PROCESSES: Final = (*SERVICES, *BACKENDS)


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """`machine`: where, and how it was measured. CPU in microseconds of one core, by process.

    `run_us`: of a run that a built-in handler ends at once. `task_us`: to create a task. `rest_percent`: of a core,
    while nothing is due. Bytes: of a run in Kafka's topics (without copies) and in MongoDB (documents and indexes); of
    a task in the ticker's memory, in the topics that are kept for as long as it is, and in MongoDB (packed, with its
    revision and the journal's entry). `restore_us`: CPU of a ticker that takes over, for each task, without a copy.
    """

    machine: str
    rate: int
    tasks: int
    run_us: dict[str, float]
    task_us: dict[str, float]
    rest_percent: dict[str, float]
    run_kafka_bytes: float
    run_mongodb_bytes: float
    task_ticker_bytes: float
    task_kafka_bytes: float
    task_mongodb_bytes: float
    restore_us: float

    def to_json(self) -> str:
        """As it is kept in a file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "UnitCosts":
        """From what `to_json` wrote. Raises ValueError or TypeError."""
        found = cls(**json.loads(text))
        for name in ("run_us", "task_us", "rest_percent"):
            if lacking := set(PROCESSES) - getattr(found, name).keys():
                raise ValueError(f"{name} lacks {', '.join(sorted(lacking))}")
        return found
