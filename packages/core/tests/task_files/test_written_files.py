"""What is written as a file is read back equal, in each format."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.errors import InvalidInput
from tasker_core.task import parse_task
from tasker_core.task_files.entries import Format, ImportedTask
from tasker_core.task_files.task_file import read_task_file
from tasker_core.task_files.written import TaskFileWriter

LINES = st.text("\n\r\x85\u2028\u2029 \ta#-|>:.'\"{", max_size=8)
TEXTS = (st.text(st.characters(codec="utf-8"), max_size=30) | LINES) | st.sampled_from(
    [
        "1e3",
        "0o17",
        "12:30",
        "yes",
        "~",
        "",
        "<<",
        "2026-12-24",
        "* x",
        "010",
        ".inf",
        "null",
        "x: y",
        "# x",
        "tasker {",
        "\n",
        "a\n\n",
        "\n\u2028",
    ]
)
VISIBLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
CRONS = ["0 9 * * 1-5", "*/5  8-17 * jan,MAR *", "@daily", "30 2 1,15 * SUN", "0-59/7 * * * 7", "0\n5 * * *"]
PAYLOADS = JSON | st.sampled_from(["https://x.example/%20a'b?x=1&y=2", "\x1f", {"url": "https://x.example/"}])
Task = dict[str, Any]


@st.composite
def tasks_of_a_file(draw: st.DrawFn) -> list[Task]:
    """Some tasks that a crontab can hold, too."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(0, 4))):
        zone = draw(st.sampled_from(["UTC", "Europe/Berlin"]))
        task: Task = {"id": f"t{number}", "schedule": {"cron": draw(st.sampled_from(CRONS)), "timezone": zone}}
        task["handler"], task["payload"] = draw(st.sampled_from(["default", "curl"])), draw(PAYLOADS)
        if draw(st.booleans()):
            task |= {"name": draw(VISIBLE), "description": draw(VISIBLE | LINES)}
            task["tags"] = draw(st.lists(VISIBLE))
        tasks.append(task)
    return tasks


def written(tasks: list[Task], file_format: Format) -> str:
    """The whole file."""
    writer = TaskFileWriter(file_format)
    return writer.begin() + "".join(map(writer.task, tasks)) + writer.end()


def read(text: str, file_format: Format) -> list[Task]:
    """The definitions in a file that has nothing else."""
    found = list(read_task_file([text.encode()], file_format))
    assert all(isinstance(one, ImportedTask) and not one.warnings for one in found), found
    return [one.definition for one in found if isinstance(one, ImportedTask)]


def is_task(definition: Task) -> bool:
    """Whether there can be such a task."""
    try:
        parse_task(definition)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize("file_format", get_args(Format))
@given(tasks=tasks_of_a_file())
def test_tasks_are_read_back_as_they_were_written(file_format: Format, tasks: list[Task]) -> None:
    assert read(written(tasks, file_format), file_format) == tasks


@pytest.mark.parametrize("text", ["\n", "\n\n", "a\n\n", " \n\n", "a\n\u2028", "a\r\n", "\nb", "two\nlines\n"])
@pytest.mark.parametrize("file_format", get_args(Format))
def test_blank_lines_at_the_end_of_a_text_do_not_end_the_file(file_format: Format, text: str) -> None:
    one: Task = {"id": "a", "description": text, "schedule": {"cron": "0 5 * * *", "timezone": "UTC"}}
    tasks: list[Task] = [one, {**one, "id": "b", "payload": {text: [text, {}]}}, {**one, "id": "c"}]
    assert read(written(tasks, file_format), file_format) == tasks


def test_a_text_of_several_lines_is_written_as_such() -> None:
    assert "description: |\n    two\n    lines\n" in written([{"id": "a", "description": "two\nlines\n"}], "yaml")


@pytest.mark.parametrize("file_format", get_args(Format))
@pytest.mark.parametrize("is_list", [True, False])
def test_a_task_that_is_nested_as_deeply_as_any_can_be_is_read_back(file_format: Format, is_list: bool) -> None:
    deeper: Task = {"id": "a", "schedule": {"cron": "0 5 * * *", "timezone": "UTC"}, "payload": "x"}
    task = deeper
    while is_task(deeper):
        task, payload = deeper, deeper["payload"]
        deeper = {**task, "payload": [payload] if is_list else {"a": payload}}
    tasks = [task, {**task, "id": "b"}]
    assert read(written(tasks, file_format), file_format) == tasks


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ({"every": "PT5M"}, "no cron expression"),
        ({"at": "2026-12-24T18:00:00Z"}, "no cron expression"),
        ({"cron": "0 0 9 * * 1-5"}, "knows no"),
        ({"cron": "0 9 L * *"}, "knows no"),
        ({"cron": "0 9 * * 5#2"}, "knows no"),
        ({"cron": "H H * * *"}, "knows no"),
        ({"cron": "0 9 15W * *"}, "knows no"),
        ({"cron": "0 9 * * *", "spread": "PT5M"}, "has spread"),
        ({"cron": "0 9 * * *", "end": "2027-01-01T00:00:00Z"}, "has end"),
    ],
)
def test_a_crontab_names_what_it_cannot_hold(schedule: dict[str, Any], reason: str) -> None:
    text = written([{"id": "a", "schedule": schedule}], "crontab")
    assert reason in text
    assert read(text, "crontab") == []


def test_a_paused_task_is_not_given_to_cron() -> None:
    assert "it is paused" in written([{"id": "a", "paused": True, "schedule": {"cron": "* * * * *"}}], "crontab")


@pytest.mark.parametrize("blank", ["\n", "\r", "\r\n", "\t", "\x0b", "\x1c", "\x85", "\xa0", "\u2028"])
@pytest.mark.parametrize("cron", ["0{}5 * * *", "{}0 5 * * *{}", "0 5 * *{}{}*", "{}@daily{}"])
def test_blanks_of_every_kind_in_an_expression_are_one_in_a_crontab(cron: str, blank: str) -> None:
    expression = cron.replace("{}", blank)
    task: Task = {"id": "a", "schedule": {"cron": expression, "timezone": "UTC"}}
    assert is_task(task)
    text = written([task], "crontab")
    assert text.splitlines()[-1] == f"{' '.join(expression.split())} tasker tasks trigger a"
    assert read(text, "crontab") == [task]


@pytest.mark.parametrize("letters", ["a", "'", "%"])
def test_a_call_that_no_line_can_hold_is_a_trigger(letters: str) -> None:
    cron = ",".join(["0"] * 250)
    task = {"id": "a", "schedule": {"cron": f"{cron} 5 * * *", "timezone": "UTC"}, "handler": "curl"}
    task["payload"] = f"https://a.example/{letters * 9_000}"
    text = written([task], "crontab")
    assert text.endswith(" tasker tasks trigger a\n")
    assert read(text, "crontab") == [task]


def test_what_is_changed_in_a_written_crontab_is_read_as_changed() -> None:
    task = {"id": "a", "name": "A", "schedule": {"cron": "0 9 * * *", "timezone": "UTC"}, "handler": "curl"}
    text = written([{**task, "payload": "https://a.example/x"}], "crontab")
    edited = text.replace("\n0 9 * * * curl", "\n30 9 * * * curl").replace("fsSL https://a", "fsSL https://b")
    (found,) = read(edited.replace("CRON_TZ=UTC", "CRON_TZ=Asia/Tokyo"), "crontab")
    assert found["schedule"] == {"cron": "30 9 * * *", "timezone": "Asia/Tokyo"}
    assert (found["id"], found["name"], found["payload"]) == ("a", "A", "https://b.example/x")
