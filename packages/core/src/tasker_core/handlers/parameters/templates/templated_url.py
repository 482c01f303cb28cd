"""PURE. URLs with templates: they may stand behind the host, and what is filled in stays where it stands.

A value is percent-encoded whole, so that it can neither end its path segment or its query value nor begin another one.
What would still lead elsewhere, an empty segment, `.` or `..` (RFC 3986, section 5.2.4), is refused.
"""

import re
from typing import Annotated, Final
from urllib.parse import quote, unquote

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from tasker_core.handlers.parameters.secret_references import sheltered
from tasker_core.handlers.parameters.templates.template import (
    OPENING,
    Filling,
    Path,
    UnfilledTemplate,
    check_templates,
    parse,
    written,
)
from tasker_core.handlers.parameters.templates.variables import check_name
from tasker_core.handlers.parameters.url import (
    MAX_URL_CHARACTERS,
    URL_OR_REFERENCE_SCHEMA,
    checked_url,
    checked_url_or_reference,
)

_PARTS: Final = re.compile(r"(?P<head>[^/?#]*//[^/?#]+)(?P<path>[^?#]*)(?P<rest>.*)", re.DOTALL)


def _checked(url: str) -> str:
    if OPENING not in url:
        return checked_url_or_reference(url)
    parts = _PARTS.fullmatch(sheltered(url))
    if parts is None or OPENING in parts["head"] or "\\" in parts["head"]:
        raise ValueError(
            "the host, and what stands before it, can't be a template: which host a task calls is written in the task"
        )
    check_templates(url, check_name)
    checked_url("".join(part if isinstance(part, str) else "x" for part in parse(url)))
    return url


TemplatedUrl = Annotated[
    str,
    StringConstraints(max_length=MAX_URL_CHARACTERS),
    AfterValidator(_checked),
    WithJsonSchema(
        {word: value for word, value in URL_OR_REFERENCE_SCHEMA.items() if word != "format"}
    ),  # braces are no URI
]
"""An http:// or https:// URL, with templates in path and query. User and password may be references to secrets, or the
whole URL one."""


def filled_url(url: str, filling: Filling) -> str:
    """A checked URL with its templates filled in. Raises UnfilledTemplate."""
    if OPENING not in url:
        return url
    safe = sheltered(url)
    parts = _PARTS.fullmatch(safe)
    if parts is None:
        raise UnfilledTemplate("the URL has no host")
    path = "/".join(_segment(one, filling) for one in parts["path"].split("/"))
    rest = filling.text(parts["rest"], filled=lambda name: quote(filling.scalar(name), safe=""))
    filled = parts["head"] + path + rest
    if len(filled) > MAX_URL_CHARACTERS:
        raise UnfilledTemplate(f"filled in, the URL has more than {MAX_URL_CHARACTERS:,} characters")
    return filled


def _segment(segment: str, filling: Filling) -> str:
    if OPENING not in segment:
        return segment

    def value(name: Path) -> str:
        text = filling.scalar(name)
        if not text:
            raise UnfilledTemplate(f"{written(name)}: is empty, and a part of a path can't be")
        return quote(text, safe="")

    filled = filling.text(segment, filled=value)
    if unquote(filled) in (".", ".."):
        raise UnfilledTemplate(f"{segment}: becomes {filled!r}, which leads to another path")
    return filled
