"""Loads plug-ins: handlers of other packages, found by their entry points."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from tasker.handler_declaration import Handler, as_handler
from tasker_core.handlers.built_in import BUILT_IN
from tasker_core.handlers.handler_registry import NAME_PATTERN

GROUP = "tasker.handlers"
OWN_VARIABLES = ("TASKER_", "MONGODB_URL")
"""How the names of settings begin that may hold secrets, those of tasks above all."""


@dataclass(frozen=True, slots=True)
class LoadedPlugins:
    """The handlers that could be loaded, by name, and why others could not."""

    handlers: dict[str, Handler[Any]] = field(default_factory=dict[str, Handler[Any]])
    broken: dict[str, str] = field(default_factory=dict[str, str])

    def summary(self) -> str:
        """How many there are, and what is wrong, for the health check."""
        loaded = f"{len(self.handlers)} loaded"
        reasons = [f"{name!r} can't be loaded: {reason}" for name, reason in sorted(self.broken.items())]
        return "; ".join([loaded, *reasons])[:2_000]


def plugin_environment(executor: Mapping[str, str]) -> dict[str, str]:
    """The environment of plug-ins in processes: the executor's without the variables of Tasker itself."""
    return {name: value for name, value in executor.items() if not name.startswith(OWN_VARIABLES)}


def load_plugins(points: Iterable[EntryPoint] | None = None) -> LoadedPlugins:
    """Import the plug-ins that are installed. One that cannot be imported is broken, whatever it raises."""
    plugins = LoadedPlugins()
    for point in entry_points(group=GROUP) if points is None else points:
        name = point.name
        if re.fullmatch(NAME_PATTERN, name) is None:
            plugins.broken[name] = f"the name of a handler is {NAME_PATTERN}"
        elif name in BUILT_IN:
            plugins.broken[name] = "it is the name of a handler that Tasker brings"
        elif name in plugins.handlers or name in plugins.broken:
            plugins.handlers.pop(name, None)
            plugins.broken[name] = "several packages bring a handler of this name"
        else:
            try:
                handler = as_handler(point.load())
                msgspec.json.encode(handler.schema)  # as it is announced: raises for what is no JSON
            except (Exception, SystemExit) as error:  # noqa: BLE001 -- it runs whatever the package does
                plugins.broken[name] = f"{type(error).__name__}: {error}"
            else:
                plugins.handlers[name] = replace(handler, import_path=f"{point.module}:{point.attr}")
    return plugins
