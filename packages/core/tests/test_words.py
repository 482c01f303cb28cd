"""The words by which a task is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker_core.documents.words import MAX_LENGTH, MAX_WORDS, search_terms, task_words


def test_words_are_split_at_what_is_neither_letter_nor_digit() -> None:
    words = task_words("daily.report_2", "Café – ÉTÉ", ["eu-west", "Straße"])
    assert words == ["daily", "report", "2", "cafe", "ete", "eu", "west", "strasse"]
    assert task_words("a", "…", ["_"]) == ["a"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dailyReport", ["dailyreport", "report"]),
        ("HTTPServer2Go", ["httpserver2go", "server2go"]),
        ("01JDW8ZQ4T", ["01jdw8zq4t"]),
        ("MCDONALD", ["mcdonald"]),
        ("請求書 A", ["請求書", "求書", "書", "a"]),
        ("x" * 100, ["x" * MAX_LENGTH]),
    ],
)
def test_where_words_begin_within_what_is_written_together(text: str, words: list[str]) -> None:
    assert task_words("", text, []) == words


@pytest.mark.parametrize(
    ("texts", "words", "phrases"),
    [
        (["order-42"], ["order", "42"], ["order-42"]),
        (["(Hourly)", "REP report"], ["hourly", "report"], []),
        (["a-b.c a-b.c"], ["a", "b", "c"], ["a-b.c"]),
        (["dailyReport"], ["dailyreport"], []),
        (["… .* \\"], [], []),
    ],
)
def test_what_a_search_asks_for(texts: list[str], words: list[str], phrases: list[str]) -> None:
    assert search_terms(texts) == (words, phrases)


@given(st.text())
def test_a_task_is_found_by_each_of_its_texts_however_it_is_cut_off(text: str) -> None:
    words = task_words("", text, [])
    for length in range(len(text) + 1):
        asked = search_terms([text[:length]]).words
        assert all(any(word.startswith(one) for word in words) for one in asked), (text[:length], asked, words)
    assert len(words) <= MAX_WORDS
    assert search_terms(words).phrases == []
