"""The machine on which it is measured."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil


def describe_machine() -> str:
    """One line: processor, cores, memory, kernel, versions, commit."""
    gib = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("aiokafka", "pymongo"))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {gib:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {libraries}, commit {_commit()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return commit.stdout.strip() or "unknown"
