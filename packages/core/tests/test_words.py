"""The words by which a task is found."""

from hypothesis import given
from hypothesis import strategies as st

from tasker_core.documents.words import task_words, words_of


def test_words_are_split_at_what_is_neither_letter_nor_digit() -> None:
    assert task_words("daily.report_2", "Café – ÉTÉ", ["eu-west", "Straße"]) == [
        "2", "cafe", "daily", "ete", "eu", "report", "strasse", "west",
    ]  # fmt: skip
    assert words_of("", "…", "_") == []


@given(st.text())
def test_words_are_found_by_themselves(text: str) -> None:
    words = words_of(text)
    assert words_of(*words) == words == words_of(text, text)
