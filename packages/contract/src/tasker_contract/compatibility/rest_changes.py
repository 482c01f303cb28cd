"""PURE. What an OpenAPI document breaks for clients that keep to an earlier one."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasker_contract.compatibility.schema_changes import Break, Located, Resolve, SchemaComparison, Side, within

Document = Mapping[str, Any]


def rest_breaks(old: Document, new: Document) -> list[Break]:
    """Every operation that is gone, and whatever of the others clients can no longer send or read."""
    return list(dict.fromkeys(RestComparison(old, new).breaks()))


class RestComparison:
    """Compares two documents, operation by operation."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._sent, self._written = SchemaComparison(Side.SENT), SchemaComparison(Side.WRITTEN)
        self._resolve: tuple[Resolve, Resolve] = (within(old), within(new))

    def breaks(self) -> Iterator[Break]:
        """All of them, in the order of the old document."""
        for path, operations in self._old["paths"].items():
            later = self._new["paths"].get(path, {})
            for method, operation in operations.items():
                place = f"{method.upper()} {path}"
                if method not in later:
                    yield Break(place, "is gone")
                    continue
                yield from self._parameters(operation, later[method], place)
                yield from self._bodies(operation, later[method], place)
                yield from self._responses(operation, later[method], place)

    def _parameters(self, old: Document, new: Document, place: str) -> Iterator[Break]:
        before, after = ({(p["in"], p["name"]): p for p in one.get("parameters", ())} for one in (old, new))
        for key, parameter in before.items():
            where = f"{place} {key[0]} {key[1]}"
            if key not in after:
                yield Break(where, "is taken no more")
                continue
            yield from self._sent.breaks(*self._pair(parameter["schema"], after[key]["schema"]), where)
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield Break(f"{place} {key[0]} {key[1]}", "is required, and was not")

    def _bodies(self, old: Document, new: Document, place: str) -> Iterator[Break]:
        before, after = old.get("requestBody", {}), new.get("requestBody", {})
        if after.get("required") and not before.get("required"):
            yield Break(f"{place} body", "is required, and was not")
        for media_type, content in before.get("content", {}).items():
            where = f"{place} body {media_type}"
            if media_type not in after.get("content", {}):
                yield Break(where, "is taken no more")
                continue
            yield from self._sent.breaks(*self._pair(content["schema"], after["content"][media_type]["schema"]), where)

    def _responses(self, old: Document, new: Document, place: str) -> Iterator[Break]:
        for status, response in old["responses"].items():
            where = f"{place} {status}"
            if status not in new["responses"]:
                yield Break(where, "is answered no more")
                continue
            after = new["responses"][status]
            for name, header in response.get("headers", {}).items():
                later = after.get("headers", {}).get(name)
                if later is None or (header.get("required") and not later.get("required")):
                    yield Break(f"{where} header {name}", "is there no more" if later is None else "may be left out")
            for media_type, content in response.get("content", {}).items():
                if media_type not in after.get("content", {}):
                    yield Break(f"{where} {media_type}", "is answered no more")
                    continue
                later = after["content"][media_type].get("schema", {})
                yield from self._written.breaks(*self._pair(content.get("schema", {}), later), where)

    def _pair(self, old: Document, new: Document) -> tuple[Located, Located]:
        return Located(old, self._resolve[0]), Located(new, self._resolve[1])
