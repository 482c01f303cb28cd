"""PURE. Server-sent events, line by line (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its name, its data, and the position behind it, to go on from."""

    event: str
    data: str
    position: str | None


class EventParser:
    """Makes events of lines. `position` is behind the last one."""

    def __init__(self, position: str | None = None) -> None:
        self.position = position
        self._event, self._data = "", list[str]()

    def feed(self, line: str) -> ServerSentEvent | None:
        """The event that ends with this line, if one does."""
        if not line:
            event = ServerSentEvent(self._event or "message", "\n".join(self._data), self.position)
            is_whole = bool(self._data)
            self._event, self._data = "", []
            return event if is_whole else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id":
            self.position = value
        return None
