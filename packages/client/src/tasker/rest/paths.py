"""PURE. Paths of the REST API."""

from urllib.parse import quote


def path_of(*segments: str | int) -> str:
    """The path of these segments, each of which stays one, whatever is in it."""
    return "".join(f"/{quote(str(segment), safe='')}" for segment in segments)
