"""JSON and NDJSON files of tasks: what is read, where, and what is said of the rest."""

import json
from collections.abc import Sequence
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.task_files.entries import MAX_ENTRY, Entry, FaultyEntry, Format, ImportedTask
from tasker_core.task_files.task_file import read_task_file


def read(text: str | bytes, file_format: Format = "json", size: int = 64) -> list[Entry]:
    """The entries of a file that comes in pieces of `size` bytes."""
    whole = text.encode() if isinstance(text, str) else text
    return list(read_task_file([whole[at : at + size] for at in range(0, len(whole), size)], file_format))


def only(entries: Sequence[Entry]) -> Entry:
    """The only one."""
    assert len(entries) == 1, entries
    return entries[0]


@pytest.mark.parametrize("text", ['[{"id": "a"},\n {"id": "b"}]', '{"tasks": [{"id": "a"},\n {"id": "b"}]}\n'])
def test_a_list_of_tasks_is_read_each_with_its_line(text: str) -> None:
    assert read(text) == [ImportedTask("a", {"id": "a"}, 1), ImportedTask("b", {"id": "b"}, 2)]


def test_each_line_of_ndjson_is_a_task_and_a_wrong_one_does_not_end_the_file() -> None:
    first, wrong, last = read('{"id": "a"}\r\n\n{"id": \n{"id": "b"}', "ndjson")
    assert (first, last) == (ImportedTask("a", {"id": "a"}, 1), ImportedTask("b", {"id": "b"}, 4))
    assert wrong == FaultyEntry(3, "is no JSON: expecting value at column 8")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "ends too early"),
        ('{"id": "a", "schedule": {}}', 1, "is one task"),
        ('{"items": []}', 1, "has other fields than tasks"),
        ('[{"id": "a"}\n{"id": "b"}]', 2, "has no comma between two tasks"),
        ('[\n{"id": "a"', 2, "does not end"),
        ('[\n{"id": "a"},', 2, "a part of the file is missing"),
        ("[]\n\n[]", 3, "goes on behind its end"),
        ('{"tasks": [],\n"more": 1}', 1, "has more than the tasks"),
        ("[" * 100_000, 1, "nested more than"),
        ('[\n{"a": [' + "[]," * 120_000, 2, "more than 200,000 values"),
        (b"\n[\xff]", 2, "save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_on_says_where_and_what_is_missing(text: str | bytes, line: int, said: str) -> None:
    last = read(text)[-1]
    assert isinstance(last, FaultyEntry)
    assert last.is_end
    assert (last.line, said in last.message) == (line, True), last


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("1", "is no object"),
        ("{}", "has no id"),
        ('{"id": 5}', "put it in quotes"),
        ('{"id": "a", "x": 1, "x": 2}', "has 'x' more than once"),
        ('{"id": "a", "payload": {"x": NaN}}', "holds NaN"),
        ('{"id": "a", "payload": 1e999}', "out of range"),
        ('{"id": "a", "payload": "\\ud800"}', "half a character"),
        ('{"id": "a", "payload": {"\\uDfff": 1}}', "half a character"),
        ('{"id": "a", "payload": "\t"}', "is no JSON"),
        ('{"id": "a",}', "is no JSON"),
        (f'{{"id": "a", "payload": "{"x" * MAX_ENTRY}"}}', "is longer than"),
    ],
)
def test_a_wrong_entry_is_told_and_those_behind_it_are_read(entry: str, said: str) -> None:
    wrong, good = read(f'[{entry}, {{"id": "z"}}]', size=65_536)
    assert isinstance(wrong, FaultyEntry)
    assert said in wrong.message
    assert not wrong.is_end
    assert good == ImportedTask("z", {"id": "z"}, 1)


@pytest.mark.parametrize("file_format", ["json", "ndjson", "crontab"])
def test_a_name_that_is_twice_among_many_is_found_at_once(file_format: Format) -> None:
    members = ",".join(f'"{number:05}":1' for number in range(60_000))
    entry = f'{{"id":"a",{members},"59999":2}}'
    text = {"json": f"[{entry}]", "ndjson": entry, "crontab": f"# tasker {entry}\n0 5 * * * x"}[file_format]
    began = thread_time()
    found = only(read(text, file_format, 65_536))
    assert thread_time() - began < 2
    assert isinstance(found, FaultyEntry)
    assert "has '59999' more than once" in found.message


def test_an_id_comes_once() -> None:
    _, twice = read('[{"id": "a"},\n{"id": "a"}]')
    assert twice == FaultyEntry(2, "the id 'a' is in line 1, too: give each task its own")
    assert isinstance(read('[{"id": "a"},{"id": "a"}]')[-1], FaultyEntry)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    assert only(read('[{"id": "é"}]'.encode(encoding), size=1)) == ImportedTask("é", {"id": "é"}, 1)


def test_after_many_faults_the_rest_is_not_looked_at() -> None:
    entries = read("[" + "1," * 50_000, size=65_536)
    assert len(entries) == 10_001
    assert entries[-1] == FaultyEntry(1, "10,000 entries can't be read; the rest of the file was not looked at", True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(payloads=st.lists(JSON, max_size=4), indent=st.none() | st.integers(0, 2), size=st.integers(1, 40))
def test_what_json_can_say_is_read_however_it_is_cut(payloads: list[object], indent: int | None, size: int) -> None:
    tasks = [{"id": f"t{number}", "payload": payload} for number, payload in enumerate(payloads)]
    found = read(json.dumps(tasks, indent=indent, ensure_ascii=size % 2 == 0), size=size)
    assert [one.definition for one in found if isinstance(one, ImportedTask)] == tasks


@given(st.binary(max_size=300), st.sampled_from(["json", "ndjson", "yaml", "crontab"]), st.integers(1, 50))
def test_whatever_a_file_is_reading_it_raises_nothing(content: bytes, file_format: Format, size: int) -> None:
    entries = read(content, file_format, size)
    assert all(1 <= entry.line <= len(content) + 1 for entry in entries)


@given(st.text("{}[]\":,\\ \n-*&!|>%#@?'a1=", max_size=80), st.sampled_from(["json", "ndjson", "yaml", "crontab"]))
def test_nothing_that_looks_like_a_file_raises(content: str, file_format: Format) -> None:
    assert read(content, file_format, 7) == read(content, file_format, 1000)
