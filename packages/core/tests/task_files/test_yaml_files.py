"""YAML files of tasks: words of the core schema, aliases within bounds, hints where people go wrong."""

from typing import Any

import pytest

from tasker_core.task_files.entries import Entry, FaultyEntry, ImportedTask
from tasker_core.task_files.task_file import read_task_file


def read(text: str) -> list[Entry]:
    """The entries of a file."""
    return list(read_task_file([text.encode()], "yaml"))


def payload(written: str) -> Any:
    """What a payload that is written so is read as."""
    (found,) = read(f"- id: a\n  payload: {written}\n")
    assert isinstance(found, ImportedTask), found
    return found.definition["payload"]


@pytest.mark.parametrize("head", ["", "tasks:\n", "---\n", "# mine\n---\ntasks:\n", "%YAML 1.2\n---\n"])
def test_a_list_of_tasks_is_read_each_with_its_line(head: str) -> None:
    line = head.count("\n") + 1
    assert read(f"{head}- id: a\n- {{id: b}}\n") == [
        ImportedTask("a", {"id": "a"}, line),
        ImportedTask("b", {"id": "b"}, line + 1),
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2026-12-24", "2026-12-24"),
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00:00Z"),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0x1f", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-1.5", -1.5),
        ("1.2.3", "1.2.3"),
        ("~", None),
        ("", None),
        ("true", True),
        ("False", False),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("'<<'", "<<"),
        ("|\n    two\n    lines", "two\nlines\n"),
    ],
)
def test_a_word_means_what_yaml_1_2_says(written: str, value: object) -> None:
    assert payload(written) == value
    assert type(payload(written)) is type(value)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: a, id: b}", "has 'id' more than once"),
        ("{id: a, payload: [{x: 1, 'x': 2}]}", "has 'x' more than once"),
        ("{id: a, payload: *gone}", "has *gone, but no &gone stands before it"),
        ("{id: a, payload: &me [*me]}", "has *me, but no &me"),
        ("{id: a, payload: !!python/object/apply:os.system [ls]}", "has the tag"),
        ("{id: a, payload: !!binary aGk=}", "has the tag"),
        ("{id: a, payload: !!timestamp 2026-12-24}", "has the tag"),
        ("{id: a, payload: .inf}", "holds .inf"),
        ("{id: a, payload: .NaN}", "holds .NaN"),
        ("{id: a, payload: 1e999}", "out of range"),
        ("{id: a, payload: {{ x }}}", "needs quotes"),
        ("{id: 5}", "put it in quotes"),
        ("[a]", "is no object"),
    ],
)
def test_a_wrong_entry_is_told_and_those_behind_it_are_read(entry: str, said: str) -> None:
    wrong, good = read(f"- {entry}\n- id: z\n")
    assert isinstance(wrong, FaultyEntry)
    assert said in wrong.message
    assert good == ImportedTask("z", {"id": "z"}, 2)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "is empty"),
        ("# nothing\n", 1, "is empty"),
        ("a: 1\n", 1, "has other fields than tasks"),
        ("id: a\nschedule: {}\n", 1, "is one task"),
        ("- id: a\nid: b\n", 2, "is no YAML"),
        ("tasks:\n- id: a\nmore: 1\n", 3, "has more than the tasks"),
        ("- id: a\n---\n- id: b\n", 2, "put all tasks into one list"),
        ("- id: a\n  cron: */5 * * * *\n", 2, "needs quotes"),
        ("- id: a\n  cron: @daily\n", 2, "needs quotes"),
        ("- id: a\n- id: \x07\n", 2, "U+0007"),
        ("- id: a\n- '\x00'\n", 2, "U+0000"),
        ("[" * 10_000, 1, "nested more than"),
        ("- " * 10_000, 1, "nested more than"),
    ],
)
def test_a_file_that_cannot_be_read_on_says_where_and_what_to_do(text: str, line: int, said: str) -> None:
    last = read(text)[-1]
    assert isinstance(last, FaultyEntry)
    assert (last.line, last.is_end, said in last.message) == (line, True, True), last


def test_anchors_are_shared_by_tasks_and_merged() -> None:
    _, second = read("- &base {id: a, timeout: PT5S, payload: {x: 1}}\n- {<<: *base, id: b, tags: [y]}\n")
    assert isinstance(second, ImportedTask)
    assert second.definition == {"id": "b", "timeout": "PT5S", "payload": {"x": 1}, "tags": ["y"]}


def test_aliases_that_explode_are_refused_before_they_do() -> None:
    laughs = ["- &a0 lol"] + [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    entries = read("\n".join(laughs))
    assert any("with its aliases written out" in one.message for one in entries if isinstance(one, FaultyEntry))
    assert not any(isinstance(one, ImportedTask) for one in entries)
