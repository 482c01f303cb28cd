"""Bugs on purpose in what is done about runs: cancels, retries that are refused, repeats."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tasker_core.messages import VerdictWord
from tasker_ticker import changes
from tasker_ticker.changes import Change
from tasker_ticker.records import Held
from tasker_ticker.run_changes import retry

# What is patched is private to the ticker.
# pyright: reportPrivateUsage=false


@contextmanager
def cancel_only_with_its_task() -> Generator[None]:
    """A cancel whose task is gone reaches no executor."""
    cancel = Change._cancel

    def with_task(self: Change, run_id: str | None, task: Held | None) -> None:
        if task is None:
            self._answer("accepted", None)
        else:
            cancel(self, run_id, task)

    with mock.patch.object(Change, "_cancel", with_task):
        yield


@contextmanager
def malformed_without_a_word() -> Generator[None]:
    """A run whose retry breaks the contract waits for its next attempt for ever."""

    def well_formed_only(*given: Any, malformed: bool = False) -> VerdictWord:
        return "rejected" if malformed else retry(*given)

    with mock.patch.object(changes, "retry", well_formed_only):
        yield
