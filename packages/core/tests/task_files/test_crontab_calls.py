"""Commands of crontabs that call a URL, as calls; and those that need a shell."""

from shlex import quote
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.task import parse_task
from tasker_core.task_files.crontab.options import CrontabOptions
from tasker_core.task_files.crontab.url_calls import url_call
from tasker_core.task_files.entries import Entry, FaultyEntry, ImportedTask
from tasker_core.task_files.task_file import read_task_file


def read(command: str) -> list[Entry]:
    """What a crontab with a command is read as, where nothing runs others than calls."""
    options = CrontabOptions(form="user", timezone="UTC")
    return list(read_task_file([f"0 5 * * * {command}".encode()], "crontab", options))


def fault_of(command: str) -> str:
    """What is said of a command that is no call."""
    (found,) = read(command)
    assert isinstance(found, FaultyEntry), found
    return found.message


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("curl https://a.example/x", {"handler": "curl", "payload": "https://a.example/x"}),
        ("/usr/bin/curl -fsSL 'https://a.example/x?a=1&b=2' >/dev/null 2>&1", {"payload": "https://a.example/x?a=1&b=2"}),
        ("wget -q -O - \"https://a.example/x\" > /dev/null", {"handler": "curl", "payload": "https://a.example/x"}),
        ("wget -qO- --timeout=20 --tries=3 a.example/x", {"payload": "http://a.example/x", "timeout": "PT20S"}),
        ("curl -m10 --retry 2 https://a.example", {"timeout": "PT10S", "retry": {"max_attempts": 3}}),
        ("curl -X POST https://a.example", {"payload": {"url": "https://a.example", "method": "POST"}}),
        ("curl a.example/page1>/dev/null 2>&1", {"payload": "http://a.example/page1"}),
        ("curl a.example/page2>>/tmp/x", {"payload": "http://a.example/page2"}),
        ("curl a.example/page2>&1", {"payload": "http://a.example/page2"}),
        ("curl a.example/page 1>/dev/null 2>/dev/null", {"payload": "http://a.example/page"}),
        ("curl a.example/page >x2>/dev/null", {"payload": "http://a.example/page"}),
        ("curl -I https://a.example", {"handler": "http", "payload": {"url": "https://a.example", "method": "HEAD"}}),
        (
            "curl -L -H 'X-A: b' --json '{\"a\": 1}' https://a.example",
            {
                "payload": {
                    "url": "https://a.example",
                    "method": "POST",
                    "headers": {"X-A": "b", "Content-Type": "application/json"},
                    "body": '{"a": 1}',
                    "redirects": "follow",
                }
            },
        ),
    ],
)  # fmt: skip
def test_a_command_that_only_calls_a_url_is_a_call(command: str, fields: dict[str, Any]) -> None:
    found = url_call(command)
    assert found is not None
    assert {name: found.fields.get(name) for name in fields} == fields


@pytest.mark.parametrize(
    ("redirections", "is_kept"),
    [
        ("", False),
        (">/dev/null", False),
        ("> /dev/null 2>&1", False),
        ("2>&1", False),
        ("&> /dev/null", False),
        (">/var/log/x", True),
        (">> x 2>/dev/null", True),
        ("2>/dev/null >x", True),
        (">/dev/null >x\t", True),
    ],
)
def test_redirections_are_left_out_and_a_file_is_told(redirections: str, is_kept: bool) -> None:
    found = url_call(f"curl https://a.example {redirections}")
    assert found is not None
    assert found.fields["payload"] == "https://a.example"
    assert found.warnings == (["its output goes into the run's result, not into a file"] if is_kept else [])


@pytest.mark.parametrize(
    ("command", "is_kept"),
    [
        ("curl -o /var/data/feed.xml http://a.example/", True),
        ("curl --output=feed.xml http://a.example/", True),
        ("curl -sO http://a.example/feed.xml", True),
        ("curl --remote-name http://a.example/feed.xml", True),
        ("curl --stderr /var/log/x http://a.example/", True),
        ("curl -so /dev/null http://a.example/", False),
        ("curl -o - http://a.example/", False),
        ("curl http://a.example/", False),
        ("wget -q -O /data/x http://a.example/", True),
        ("wget -qO/data/x http://a.example/", True),
        ("wget -P /data http://a.example/x", True),
        ("wget -q http://a.example/backup.tgz", True),
        ("wget -q http://a.example/backup.tgz >/dev/null", True),
        ("wget -O - -o /var/log/wget http://a.example/x", True),
        ("wget -qO- http://a.example/x", False),
        ("wget -qO - http://a.example/x > /dev/null", False),
        ("wget --output-document=/dev/null -o /dev/null http://a.example/x", False),
        ("wget -P /data --spider http://a.example/x", False),
        ("wget -q --delete-after http://a.example/x", False),
    ],
)
def test_a_file_that_a_call_writes_is_told(command: str, is_kept: bool) -> None:
    found = url_call(command)
    assert found is not None
    assert found.warnings == (["its output goes into the run's result, not into a file"] if is_kept else [])


@pytest.mark.parametrize(
    "command",
    [
        "curl https://a.example?a=1&b=2",
        "curl https://a.example | sh",
        "curl https://a.example && echo done",
        "curl https://a.example&>/dev/null",
        "curl https://a.example >2>/dev/null >",
        "curl -k https://a.example",
        "curl -u user:pass https://a.example",
        "curl -d @file https://a.example",
        'curl "https://a.example/$(date)"',
        "curl https://a.example/`date`",
        "curl https://a.example https://b.example",
        "curl",
        "curl 'https://a.example",
        "X=1 curl https://a.example",
        "sh -c 'curl https://a.example'",
    ],
)
def test_what_needs_a_shell_is_no_call_and_wants_a_handler(command: str) -> None:
    assert url_call(command) is None
    assert "say handler=" in fault_of(command)


@pytest.mark.parametrize(
    "options",
    [
        "-m inf",
        "-m 1e400",
        "-m nan",
        "-m 1e9",
        "-m -5",
        "-m 999999999",
        "-m ٣",
        "--retry -5",
        "--retry 1e3",
        "--retry inf",
    ],
)
def test_numbers_that_no_task_can_have_make_no_call(options: str) -> None:
    assert url_call(f"curl {options} http://a.example/") is None
    assert "say handler=" in fault_of(f"curl {options} http://a.example/")


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("curl -m 2.5", {"timeout": "PT2S"}),
        ("curl -m 0", {}),
        ("curl --retry 0", {"retry": {"max_attempts": 1}}),
        ("curl --retry 99999", {"retry": {"max_attempts": 100}}),
        ("wget -O- -t 5", {"retry": {"max_attempts": 5}}),
        ("wget -O- -t 0", {}),
    ],
)
def test_numbers_of_calls_are_those_of_tasks(options: str, fields: dict[str, Any]) -> None:
    found = url_call(f"{options} http://a.example/")
    assert found is not None
    assert found.fields == {"handler": "curl", "payload": "http://a.example/", **fields}


VALUED = [
    "-m",
    "--max-time",
    "--retry",
    "-X",
    "-H",
    "-d",
    "--json",
    "-A",
    "--url",
    "-o",
    "-T",
    "--tries",
    "-t",
    "-U",
    "-O",
]
NUMBERS = (
    st.integers() | st.floats() | st.decimals() | st.sampled_from(["1e400", "1_0", "0x5", "5m", "", "²", "٣", " 5"])
)


@given(
    program=st.sampled_from(["curl", "wget"]),
    options=st.lists(st.tuples(st.sampled_from(VALUED), NUMBERS.map(str) | st.text(max_size=9)), max_size=4),
    sign=st.sampled_from(["", " ", "="]),
)
def test_whatever_values_options_have_a_call_has_a_timeout_and_retries_of_a_task(
    program: str, options: list[tuple[str, str]], sign: str
) -> None:
    text = "".join(f" {option}{sign}{quote(value)}" for option, value in options)
    for one in read(f"{program} http://a.example/{text}"):
        if isinstance(one, ImportedTask):
            taken = {name: one.definition[name] for name in ("timeout", "retry") if name in one.definition}
            parse_task({"id": "a", "schedule": {"cron": "0 5 * * *"}, **taken})
