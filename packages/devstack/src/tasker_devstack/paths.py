"""The folders of the checkout, and the names of the services."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
STATE = Path(os.environ.get("TASKER_STATE_DIR") or ROOT / ".tasker").absolute()
"""The lock, the logs and the data of a run; tests give each run one of its own."""
JARS = ROOT / ".tasker" / "jars"
LOGS = STATE / "logs"
WEB = ROOT / "web"
SERVICES = ("ticker", "executor", "log-sink", "api")


def data_dir() -> Path:
    """Where the embedded backends keep their data between runs (`TASKER_DATA_DIR`)."""
    return Path(os.environ.get("TASKER_DATA_DIR") or STATE / "data").absolute()
