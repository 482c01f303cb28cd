"""Crontabs that were made to take long are read in the time of others of their size."""

import tracemalloc
from itertools import chain, repeat
from time import thread_time
from typing import Final

import pytest

from tasker_core.task_files.crontab.lines import MAX_LINE
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.crontab.url_calls import url_call
from tasker_core.task_files.entries import FaultyEntry, ImportedTask
from tasker_core.task_files.task_file import read_task_file

SIZE: Final = 100_000
SECONDS: Final = 2.0
"""Far more than 100 KB take; what looks at each character for each character takes minutes."""
HOSTILE: Final = {
    "redirections": ("0 5 * * * /x ", ">a ", "!"),
    "redirections without a blank": ("0 5 * * * curl x ", ">a", ";"),
    "a redirection behind many blanks": ("0 5 * * * curl x >", " ", "!"),
    "blanks in a command": ("0 5 * * * a", " ", "b"),
    "blanks in a call": ("0 5 * * * curl a", " ", "b"),
    "blanks in a value": ("A=b", " ", "c"),
    "blanks around =": ("A", " ", "b"),
    "blanks behind =": ("A=", " \t", "\x0b b"),
    "a name without =": ("", "a", ""),
    "an open quote": ('"', "a", ""),
    "quotes": ("0 5 * * * curl ", "'\"", ""),
    "a word with a blank": ("0 5 * * * curl '", "a", " b'"),
    "a header": ("0 5 * * * curl -H 'a: ", "b", "' x"),
    "letters of options": ("0 5 * * * curl -", "s", " x"),
    "options": ("0 5 * * * curl x", " -s", " -"),
    "digits in a command": ("0 5 * * * a ", "1", "!"),
    "folders": ("0 5 * * * ", "/a-", "/"),
    "folders behind dashes": ("0 5 * * * a", "-/", "!"),
    "dashes": ("0 5 * * * a ", "-", " "),
    "percent signs": ("0 5 * * * a", "\\%", ""),
    "lines of standard input": ("0 5 * * * a", "%", ""),
    "flags": ("0 5 * * * ", "-n ", "a"),
    "fields": ("0 5 * ", "* ", ""),
    "long fields": ("0 5 ", "0,", " * * a"),
    "random times": ("0 5 ", "0~1,", "1 * * a"),
    "cron said in words": ("0 ", "cron", " * * * a"),
    "go's intervals": ("@every ", "1h", "x a"),
    "nicknames": ("@", "every", " a"),
    "zones": ("CRON_TZ=", "a ", ""),
    "blanks behind a zone": ("TZ=UTC", " ", "@daily"),
    "a comment": ("# ", "0 ", "!"),
    "a legend": ("# m h d", " ", "x"),
    "an entry in a comment": ("# 0 0 * *", " ", "!"),
    "a written task": ('# tasker {"id":"a","x":"', "\\\\", '"}\n0 5 * * * x'),
}
"""What comes before, again and again, and behind."""


def bounded(content: str) -> None:
    """Reads a crontab, as what it looks like and as each form."""
    began = thread_time()
    for form in (None, "user", "system"):
        list(read_task_file([content.encode()], "crontab", CrontabOptions(form=form, handler="shell")))
    assert thread_time() - began < 3 * SECONDS


@pytest.mark.parametrize(("before", "again", "behind"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_is_read_within_bounds(before: str, again: str, behind: str) -> None:
    bounded(before + again * (SIZE // len(again)) + behind)


@pytest.mark.parametrize(("before", "again", "behind"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_lines_that_are_as_long_as_a_line_may_be_are_read_within_bounds(
    before: str, again: str, behind: str
) -> None:
    line = before + again * ((MAX_LINE - len(before) - len(behind)) // len(again)) + behind
    bounded(f"{line}\n" * (SIZE // MAX_LINE))


@pytest.mark.parametrize(("before", "again", "behind"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_command_is_judged_within_bounds(before: str, again: str, behind: str) -> None:
    began = thread_time()
    url_call(before.removeprefix("0 5 * * * ") + again * (SIZE // len(again)) + behind)
    assert thread_time() - began < SECONDS


@pytest.mark.parametrize("line", ["0 5 * * * /bin/x ", "A=", "@daily x", "x"])
def test_a_line_longer_than_any_of_cron_is_told(line: str) -> None:
    (found,) = read_task_file([f"# long\n{line}{'a' * MAX_LINE}\n".encode()], "crontab", CrontabOptions(form="user"))
    assert isinstance(found, FaultyEntry)
    assert (found.line, "is longer than" in found.message, "script" in found.message) == (2, True, True), found
    assert len(found.message) < 300


def test_a_comment_may_be_longer() -> None:
    (found,) = read_task_file([f"#{'a' * MAX_LINE}\n0 5 * * * x".encode()], "crontab", CrontabOptions(handler="shell"))
    assert not isinstance(found, FaultyEntry)


@pytest.mark.parametrize("line", [f"# {'a' * 500}\n", "MAILTO=a\n" * 10, "TZ=UTC\n" * 10])
def test_what_stands_above_an_entry_is_held_in_bounded_memory(line: str) -> None:
    chunks = chain(repeat((line * 100).encode(), 100), [b"0 5 * * * x\n"])
    tracemalloc.start()
    try:
        (found,) = read_task_file(chunks, "crontab", CrontabOptions(handler="shell", timezone="UTC"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, ImportedTask)
    assert len(found.warnings) <= 1
    assert peak < 4_000_000
