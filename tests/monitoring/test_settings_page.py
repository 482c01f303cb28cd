"""The table of settings in docs/operations.md has every setting of every service, with its default, and no other."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from tasker_api.settings import ApiSettings
from tasker_core.time.duration import format_duration
from tasker_executor.settings import ExecutorSettings
from tasker_log_sink.settings import SinkSettings
from tasker_runtime.tracing.settings import TracingSettings
from tasker_ticker.settings import TickerSettings

PAGE = Path("docs/operations.md")
SERVICES: dict[str, tuple[type[BaseSettings], ...]] = {
    "ticker": (TickerSettings, TracingSettings),
    "executor": (ExecutorSettings, TracingSettings),
    "log-sink": (SinkSettings, TracingSettings),
    "api": (ApiSettings, TracingSettings),
}
"""What each service reads from its environment."""
SAID_OTHERWISE = {"TASKER_EXECUTOR_PROCESSES": "processors"}
"""Defaults that the machine decides."""


class Setting(NamedTuple):
    """A row of the table: the default as it is written, and the services that read it."""

    default: str
    services: frozenset[str]


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable of a field: the one that the page is to name if there are several."""
    match field.validation_alias:
        case None:
            return f"TASKER_{name.upper()}"
        case AliasChoices(choices=[str(first), *_]):
            return first
        case alias:
            return str(alias)


def default(name: str, field: FieldInfo) -> str:
    """The default as the page writes it."""
    value = field.get_default(call_default_factory=True, validated_data={})
    if name in SAID_OTHERWISE:
        return SAID_OTHERWISE[name]
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, timedelta):
        value = format_duration(value)
    if value is None or value == () or value == frozenset():
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_of(services: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(variable, default, service) of every field."""
    for service in services:
        for one in SERVICES[service]:
            for name, field in one.model_fields.items():
                found = variable(name, field)
                yield found, default(found, field), service


def expected() -> dict[str, Setting]:
    """What the table must say."""
    defaults: dict[str, set[str]] = defaultdict(set)
    services: dict[str, set[str]] = defaultdict(set)
    for name, value, service in settings_of(SERVICES):
        defaults[name].add(value)
        services[name].add(service)
    return {name: Setting(" or ".join(sorted(defaults[name])), frozenset(services[name])) for name in defaults}


def documented() -> dict[str, Setting]:
    """What the table says."""
    section = PAGE.read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.+) \|$", section, re.M)
    return {
        name: Setting(value, frozenset(SERVICES) if who == "all" else frozenset(who.split(", ")))
        for name, value, who, _ in rows
    }


@pytest.mark.parametrize("name", sorted(expected()))
def test_every_setting_is_in_the_table_with_its_default_and_its_services(name: str) -> None:
    assert documented().get(name) == expected()[name]


def test_no_setting_is_in_the_table_that_is_gone() -> None:
    assert documented().keys() <= expected().keys()
