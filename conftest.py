"""Every test may ask for the real backends."""

from typing import Final

import pytest
from hypothesis import settings

# Time is measured in bench/, never asserted: these machines are shared.
settings.register_profile("tasker", deadline=None)
settings.load_profile("tasker")

pytest_plugins = ["tasker_devstack.pytest_plugin"]

SLOW: Final = (
    "tests/e2e/",
    "tests/chaos/",
    "tests/occurrences/",
    "tests/simulation/",
    "services/log-sink/tests/test_log_sink",
    "packages/devstack/",
)
"""Whole systems, processes that are killed, many worlds: a file of them takes up to two minutes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let workers begin with what is slow, so that at the end none waits long for another one."""
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(SLOW))
