"""`contract/asyncapi.yaml` as a third party reads it, knowing nothing of the code."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import jsonschema_rs
import yaml

from tasker_devstack.paths import ROOT

FOLDER = ROOT / "contract"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in sorted((FOLDER / "schemas").glob("*.json"))}
OFFICIAL = ROOT / "web" / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
BASE = "contract:/"


def document() -> dict[str, Any]:
    """The whole document."""
    return yaml.safe_load((FOLDER / "asyncapi.yaml").read_text())


def references(part: object) -> set[str]:
    """Every `$ref` in it."""
    if isinstance(part, dict):
        found = cast("dict[str, object]", part)
        own = {one} if isinstance(one := found.get("$ref"), str) else set[str]()
        return own.union(*(references(inner) for inner in found.values()))
    if isinstance(part, list):
        return set[str]().union(*(references(inner) for inner in cast("list[object]", part)))
    return set()


class ChannelMessages:
    """The messages of every channel; finds which of them a record is."""

    def __init__(self) -> None:
        self._registry = jsonschema_rs.Registry(
            [(f"{BASE}schemas/{name}", {"$id": f"{BASE}schemas/{name}"} | schema) for name, schema in SCHEMAS.items()],
            draft=jsonschema_rs.Draft202012,
        )
        self._of = {name: self._validators(channel) for name, channel in document()["channels"].items()}

    def names(self, channel: str) -> set[str]:
        """What the messages of a channel are called."""
        return set(self._of[channel])

    def of(
        self, channel: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
    ) -> list[str]:
        """The names of the messages that a record is, by key, headers and value; exactly one, if all is well."""
        texts = {name: raw.decode(errors="replace") for name, raw in headers}
        text = None if key is None else key.decode(errors="replace")
        return [
            name
            for name, (of_key, of_headers, of_value) in self._of[channel].items()
            if (text is None or of_key.is_valid(text))
            and of_headers.is_valid(texts)
            and (of_value is None or of_value.is_valid(_decoded(value)))
        ]

    def _validators(self, channel: Mapping[str, Any]) -> dict[str, tuple[Any, Any, Any]]:
        return {
            name: (
                self._validator(message["bindings"]["kafka"]["key"]),
                self._validator(message.get("headers", {})),
                self._validator(message["payload"]) if message.get("contentType") is None else None,
            )
            for name, message in channel["messages"].items()
        }

    def _validator(self, schema: Mapping[str, Any]) -> Any:
        return jsonschema_rs.validator_for(
            {"$id": f"{BASE}asyncapi.yaml", **schema}, registry=self._registry, validate_formats=True
        )


def encoded(headers: Mapping[str, str]) -> Sequence[tuple[str, bytes]]:
    """Headers as Kafka has them."""
    return [(name, text.encode()) for name, text in headers.items()]


def _decoded(value: bytes | None) -> object:
    return None if value is None else json.loads(value)
