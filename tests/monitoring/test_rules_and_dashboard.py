"""Alerts and dashboard ask for metrics that there are, and each alert has its section in docs/operations.md."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tasker_contract.metrics_table import all_metrics
from tests.monitoring.promql import problems

FILES = Path("deploy/helm/tasker/files")
PAGE = Path("docs/operations.md")
ALERT_TESTS = Path("tests/monitoring/alerts_test.yaml")
METRICS = {metric.name: metric for metric in all_metrics()}
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
RECORDED: dict[str, str] = {rule["record"]: rule["expr"] for rule in RULES if "record" in rule}
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for rule in RULES if "alert" in rule}
DASHBOARD: dict[str, Any] = json.loads((FILES / "dashboard.json").read_text())
METRICS_PAGE = Path("docs/metrics.md")
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]


def rule_name(rule: dict[str, Any]) -> str:
    return rule.get("alert") or rule["record"]


def queries() -> Iterator[tuple[str, str]]:
    """(panel, expression) of all that the dashboard shows."""
    for panel in PANELS:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def queries_of_pages() -> Iterator[str]:
    """The expressions that the pages for operators tell to ask, and the metrics that they name."""
    for page in (PAGE, METRICS_PAGE):
        prose = page.read_text()
        for block in re.findall(r"^```promql\n(.*?)^```", prose, re.M | re.S):
            yield from (line.partition("  #")[0].strip() for line in block.splitlines())
        prose = re.sub(r"^```.*?^```", "", prose, flags=re.M | re.S)
        prose = re.sub(r"^\|.*$", "", prose, flags=re.M)  # the generated tables name histograms without their suffixes
        for code in re.findall(r"`([^`]+)`", prose):
            if re.search(r"tasker_[a-z]+_|tasker:|process_[a-z]+_|tasker_partitions", code) and "python -m" not in code:
                yield code.replace("\n", " ")


def anchors() -> set[str]:
    """The links to the sections of the page, as GitHub and others make them."""
    titles = re.findall(r"^#{2,4} (.*)$", PAGE.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_rules_ask_for_what_there_is(rule: dict[str, Any]) -> None:
    assert not problems(rule["expr"], METRICS, RECORDED)


@pytest.mark.parametrize(("panel", "expression"), list(queries()))
def test_panels_ask_for_what_there_is(panel: str, expression: str) -> None:
    assert not problems(expression, METRICS, RECORDED), panel
    assert not re.search(r"\btasker:", expression), "the dashboard does without the rules"


@pytest.mark.parametrize("expression", sorted(set(queries_of_pages())))
def test_pages_ask_for_what_there_is(expression: str) -> None:
    if expression in METRICS:
        return  # a histogram is named without the suffixes of its series
    assert not problems(expression, METRICS, RECORDED)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("rate(tasker_ticker_runs[5m])", "no metric tasker_ticker_runs"),
        ("sum(tasker_executor_attempt_seconds)", "no metric tasker_executor_attempt_seconds"),
        ("tasker_ticker_runs_total_count", "no metric tasker_ticker_runs_total_count"),
        ('tasker_ticker_runs_total{lame="live"}', "tasker_ticker_runs_total has no label lame"),
        ("sum by (lane, topic) (tasker_ticker_runs_total)", "nothing has the label topic"),
        ("tasker:no_such:rule > 1", "no metric tasker:no_such:rule"),
        ('sum(tasker_api_request_seconds_sum{le="1.0"})', "tasker_api_request_seconds_sum has no label le"),
    ],
)
def test_what_there_is_not_is_found(expression: str, problem: str) -> None:
    assert problems(expression, METRICS, RECORDED) == [problem]


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_what_is_the_matter_and_where_to_read_on(name: str) -> None:
    alert, annotations = ALERTS[name], ALERTS[name]["annotations"]
    assert re.fullmatch(r"Tasker[A-Z]\w+", name)
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(annotations) == {"summary", "description", "runbook"}
    assert "$labels.namespace" in annotations["description"]
    path, _, anchor = annotations["runbook"].partition("#")
    assert (Path(path), anchor) == (PAGE, name.lower())
    assert anchor in anchors()


def test_each_alert_is_tested() -> None:
    expected = set(re.findall(r'labels: \'{alertname="(\w+)"', ALERT_TESTS.read_text()))
    assert expected == set(ALERTS)


def test_no_section_is_of_an_alert_that_is_gone() -> None:
    sections = set(re.findall(r"^### (Tasker\w+)$", PAGE.read_text(), re.M))
    assert sections == set(ALERTS)


def test_the_dashboard_can_be_imported_anywhere() -> None:
    assert DASHBOARD.get("id") is None, "an id is of one Grafana"
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "namespace", "job"]
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    for panel in PANELS:
        sources = [target["datasource"]["uid"] for target in panel.get("targets", ())]
        assert all(uid == "${datasource}" for uid in sources), panel["title"]


@pytest.mark.parametrize(("panel", "expression"), list(queries()))
def test_every_query_is_of_what_was_chosen(panel: str, expression: str) -> None:
    chosen = expression.count('{namespace=~"$namespace", job=~"$job"')
    assert chosen == len(re.findall(r"\b(?:tasker|process)_\w+", expression)), panel


def test_panels_lie_beside_each_other() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    cells = {panel["id"]: panel["gridPos"] for panel in PANELS}
    assert all(cell["x"] + cell["w"] <= 24 for cell in cells.values())
    for one, other in combinations(cells.values(), 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above
