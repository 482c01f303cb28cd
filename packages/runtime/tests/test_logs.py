"""Lines of libraries: each kind once in a while; and what no encoding has."""

import logging
import subprocess
import sys

import pytest

from tasker_runtime.logs import Calm


class Clock:
    """Set by hand."""

    now = 0

    def now_ms(self) -> int:
        return self.now


def line(template: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, "file", 1, template, values, None)


def test_a_repeated_kind_is_held_back_and_counted() -> None:
    clock = Clock()
    calm = Calm(clock, every_ms=1_000)
    assert calm.filter(line("no connection to %s", "a"))
    assert calm.filter(line("another kind"))
    for clock.now in (1, 500, 999):
        assert not calm.filter(line("no connection to %s", "b"))
    clock.now = 1_000
    again = line("no connection to %s", "c")
    assert calm.filter(again)
    assert again.getMessage() == "no connection to c (3 more such lines held back)"
    clock.now = 2_000
    last = line("no connection to %s", "d")
    assert calm.filter(last)
    assert last.getMessage() == "no connection to d"


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_line_fails_for_a_character_in_it(form: str) -> None:
    program = (
        "from tasker_runtime.logs import configure\n"
        f"configure('executor', {form!r}).error('handler raised', exc_info=ValueError('half \\ud800'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "half \\ud800" in done.stdout
