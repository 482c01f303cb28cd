"""docs/runs.md says what is true of ends, retries, overlaps and slots, and docs/handlers.md of limits and statuses."""

import json
import re
from pathlib import Path
from typing import Any, get_args

from tasker_core.messages.runs import Outcome, Overlap, Policy, Run
from tasker_core.task import Retry, Task
from tasker_executor.execution import outcome
from tasker_executor.handlers import kafka
from tasker_executor.http import exchange, response, response_headers, session, statuses
from tasker_executor.http.body import response_body
from tasker_executor.http.oauth2 import access_tokens
from tasker_executor.http.secrets import secret_store
from tasker_executor.partition import read_ahead
from tasker_executor.scheduling import overlap
from tasker_executor.settings import ExecutorSettings

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "runs.md").read_text()
OF_RUNS = "".join(
    part for part in re.split(r"(?m)^(?=## )", PAGE) if not part.startswith(("## Why didn't it run", "## How well"))
)
"""Without what the API answers."""
HANDLERS = (DOCS / "handlers.md").read_text()
AT = "2026-01-01T12:00:00.000Z"
RUN = Run(
    run_id="r", task_id="t", task_name="T", generation=1, version=1, nominal_at=AT, effective_at=AT, emitted_at=AT
)


def test_the_examples_are_taken_and_show_the_defaults() -> None:
    whole: dict[str, Any] = {"id": "page", "schedule": {"every": "PT1M"}}
    for block in re.findall(r"```json\n(.*?)```", OF_RUNS, re.DOTALL):
        whole |= json.loads(block)
    assert set(whole["retry"]) == set(Retry.model_fields)
    task = Task.model_validate(whole)
    assert task.retry.model_copy(update={"max_attempts": Retry().max_attempts}) == Retry()


def test_every_end_and_every_policy_has_its_line() -> None:
    words = re.findall(r"^\| `(\w+)`", OF_RUNS, re.MULTILINE)
    assert words == [*get_args(Outcome), "overlap", *get_args(Overlap)]


def test_the_errors_of_runs_that_did_not_come_to_their_end_are_named() -> None:
    ends = (outcome.cancelled(), outcome.replaced(RUN), outcome.skipped(RUN, RUN), outcome.displaced(RUN))
    kinds = {end.error.kind for end in ends if end.error is not None}
    assert len(kinds) == 3
    for kind in (*kinds, "deleted"):
        assert re.search(rf"\| `(cancelled|skipped)` \|.*`{kind}`[;)]", PAGE), kind


def test_the_numbers_are_those_of_the_code() -> None:
    slots = ExecutorSettings.model_fields["executor_concurrency"].default
    for said in (
        f"(by default `{Policy().timeout}`)",
        f"with {overlap.MAX_QUEUED} waiting already",
        f"`TASKER_EXECUTOR_CONCURRENCY` slots ({slots})",
        f"{read_ahead.MAX_WAITING:,} runs of a partition",
        f"of which one task counts with {read_ahead.MAX_PER_TASK} at most",
        f"up to {read_ahead.MAX_UNCOUNTED:,} more",
        f"(or {read_ahead.MAX_BYTES // 1024**2} MiB)",
    ):
        assert said in PAGE


def test_the_limits_of_calls_are_those_of_the_code() -> None:
    share = ExecutorSettings.model_fields["executor_per_host"].default
    for said in (
        f"Up to {exchange.MAX_REDIRECTS} redirects are followed",
        f"kept for {session.IDLE_SECONDS:g} seconds",
        f"the first {response_body.MAX_BODY_BYTES // 1024} KiB are read",
        f"`TASKER_EXECUTOR_PER_HOST` ({share}) runs",
        f"headers up to {response_headers.MAX_HEADER_CHARACTERS // 1024} KiB",
        f"until {access_tokens.MARGIN_SECONDS:g} seconds before it expires",
        f"{access_tokens.FETCH_SECONDS:g} seconds, over the call's own",
        f"acknowledged within {kafka.ACKNOWLEDGEMENT_SECONDS:g} seconds",
        f"up to {secret_store.MAX_SECRET_BYTES // 1024} KiB of UTF-8",
        f"`shop-token` is `{secret_store.secret_variable('shop-token')}`",
    ):
        assert said in HANDLERS


def test_the_statuses_that_are_tried_again_are_those_of_the_code() -> None:
    (statuses_tried_again,) = re.findall(r"^\| status \| (.*?) \|", HANDLERS, re.MULTILINE)
    again = {int(status) for status in re.findall(r"\b\d{3}\b", statuses_tried_again)}
    for status in range(200, 600):
        answer = response.HttpResponse(status, {}, None, None)
        assert statuses.status_failure(answer, 0).final != (status in again or status // 100 in (2, 5)), status
