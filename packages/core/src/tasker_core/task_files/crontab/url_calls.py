"""PURE. Commands that only call a URL, by curl or wget: as the handlers `curl` and `http`."""

import re
import shlex
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from tasker_core.task_files.crontab.redirections import without_redirections
from tasker_core.time.duration import MAX_DURATION


def _options_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PROGRAM: Final = re.compile(r"(?:/(?:[\w.-]+/)*)?(curl|wget)\Z")
_SHELL: Final = frozenset("|&;<>()`$*?[]{}~#\n\\")
_URL: Final = re.compile(r"(?:https?://)?[^\s/?#@]\S*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_MAX_ATTEMPTS: Final = 100
_QUIET: Final = {
    "curl": _options_of(
        "-s --silent -S --show-error -f --fail --fail-with-body -L --location -v --verbose -i --include -# "
        "--progress-bar --no-progress-meter --compressed -4 -6 --ipv4 --ipv6 -g --globoff -N --no-buffer -O "
        "--remote-name"
    ),
    "wget": _options_of(
        "-q --quiet -nv --no-verbose -v --verbose -4 -6 --inet4-only --inet6-only -b --background -N --delete-after "
        "--content-on-error --no-cache -nc"
    ),
}
"""What changes nothing of the request: what is shown, and where the answer goes."""
_IGNORED_WITH_VALUE: Final = {
    "curl": _options_of("--connect-timeout --retry-delay --retry-max-time -w --write-out"),
    "wget": _options_of("--waitretry -P --connect-timeout"),
}
_SAVED: Final = {"-O": True, "--remote-name": True, "--delete-after": False}
"""Options without a value that say whether the answer stays in a file."""
_NO_FILES: Final = ("-", "/dev/null")
_MEANING: Final = {
    "curl": {
        "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-d": "data", "--data": "data",
        "--data-raw": "data", "--data-ascii": "data", "--data-binary": "data", "--json": "json", "-m": "timeout",
        "--max-time": "timeout", "--retry": "retry", "-A": "agent", "--user-agent": "agent", "--url": "url",
        "-o": "answer", "--output": "answer", "--stderr": "log",
    },
    "wget": {
        "--method": "method", "--header": "header", "--post-data": "data", "--body-data": "data", "-T": "timeout",
        "--timeout": "timeout", "-t": "tries", "--tries": "tries", "-U": "agent", "--user-agent": "agent",
        "-O": "answer", "--output-document": "answer", "-o": "log", "--output-file": "log", "-a": "log",
        "--append-output": "log",
    },
}  # fmt: skip
_HEAD: Final = {"curl": ("-I", "--head"), "wget": ("--spider",)}
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class UrlCall:
    """A call: `fields` are handler, payload, timeout and retry of a task. `warnings` say what is not carried over."""

    fields: dict[str, Any]
    warnings: list[str]


@dataclass(slots=True)
class _Options:
    urls: list[str] = field(default_factory=list[str])
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    data: list[str] = field(default_factory=list[str])
    timeout: str | None = None
    attempts: int | None = None
    content_type: str | None = None
    is_saved: bool = False
    files: list[str] = field(default_factory=list[str])

    def keeps_output(self) -> bool:
        """Whether it writes a file."""
        return self.is_saved or any(file not in _NO_FILES for file in self.files)

    def complete_headers(self) -> dict[str, str]:
        """With the type of the data, unless one is given."""
        given = any(name.lower() == "content-type" for name in self.headers)
        return self.headers if given or not self.content_type else {**self.headers, "Content-Type": self.content_type}


def url_call(command: str) -> UrlCall | None:
    """The call that a command makes; None when it does anything else, or in a way that only a shell or curl knows."""
    command, keeps_output = without_redirections(command)
    try:
        words = _words(command)
        program, options = _read_options(words)
    except ValueError:
        return None
    if len(options.urls) != 1:
        return None
    url = options.urls[0] if "://" in options.urls[0] else f"http://{options.urls[0]}"
    warnings = (
        ["its output goes into the run's result, not into a file"] if keeps_output or options.keeps_output() else []
    )
    fields: dict[str, Any] = {"handler": "curl", "payload": url}
    if options.method or options.headers or options.data:
        call: dict[str, Any] = {"url": url}
        verb = options.method or ("POST" if options.data else None)
        call |= {"method": verb} if verb else {}
        call |= {"headers": headers} if (headers := options.complete_headers()) else {}
        call |= {"body": "&".join(options.data)} if options.data else {}
        call |= {"redirects": "follow"} if program == "wget" or {"-L", "--location"} & set(words) else {}
        fields = {"handler": "http", "payload": call}
    fields |= {"timeout": options.timeout} if options.timeout else {}
    fields |= {"retry": {"max_attempts": options.attempts}} if options.attempts else {}
    return UrlCall(fields, warnings)


def _words(command: str) -> list[str]:
    """The words as the shell has them. Raises ValueError when the shell does more than to part them."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    words = list(lexer)
    if _SHELL & set(_outside_quotes(command)) or not words:
        raise ValueError("is for a shell")
    return words


def _outside_quotes(command: str) -> str:
    """What the shell looks at: all but what single quotes hold; in double quotes only what it replaces there."""
    bare = re.sub(r"'[^']*'", "", command)
    return re.sub(r'"([^"]*)"', lambda found: "$" if set(found[1]) & set("$`\\") else "", bare)


def _read_options(words: list[str]) -> tuple[str, _Options]:
    """Raises ValueError for an option that is not known."""
    if (program := _PROGRAM.match(words[0])) is None:
        raise ValueError("calls no URL")
    name, rest = program[1], deque(words[1:])
    found = _Options(is_saved=name == "wget")
    while rest:
        word = rest.popleft()
        if not word.startswith("-") or word == "-":
            if not _URL.fullmatch(word):
                raise ValueError("is no URL")
            found.urls.append(word)
            continue
        option, given, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option in _QUIET[name]:
            found.is_saved = _SAVED.get(option, found.is_saved)
            continue
        if option in _HEAD[name]:
            found.method, found.is_saved = "HEAD", False
            continue
        if not option.startswith("--") and len(option) > 2:
            rest.extendleft(reversed(_letters(name, option)))
            continue
        if option not in _MEANING[name] and option not in _IGNORED_WITH_VALUE[name]:
            raise ValueError("has an option that is not known")
        if not given:
            if not rest:
                raise ValueError("lacks a value")
            value = rest.popleft()
        _apply(found, _MEANING[name].get(option), value)
    return name, found


def _letters(name: str, word: str) -> list[str]:
    """`-fsSL` as its letters, `-m10` as option and value. Raises ValueError."""
    found = list[str]()
    for at in range(1, len(word)):
        option = f"-{word[at]}"
        if option in _MEANING[name] or option in _IGNORED_WITH_VALUE[name]:
            return [*found, option, *([word[at + 1 :]] if at + 1 < len(word) else [])]
        if len(word) - at == 2 and f"-{word[at:]}" in _QUIET[name]:
            return [*found, f"-{word[at:]}"]
        if option not in _QUIET[name] and option not in _HEAD[name]:
            raise ValueError("has an option that is not known")
        found.append(option)
    return found


def _apply(found: _Options, meaning: str | None, value: str) -> None:
    """Raises ValueError for a value that is read from elsewhere."""
    match meaning:
        case None:
            pass
        case "url":
            found.urls.append(value)
        case "method":
            found.method = value.upper()
        case "header":
            name, colon, content = value.partition(":")
            if not colon or value.startswith("@"):
                raise ValueError("has no header")
            found.headers[name.strip()] = content.strip()
        case "data" | "json":
            if value.startswith("@"):
                raise ValueError("reads a file")
            found.data.append(value)
            found.content_type = "application/json" if meaning == "json" else _FORM
        case "answer" | "log":
            found.files.append(value)
            found.is_saved = found.is_saved and meaning == "log"
        case "agent":
            found.headers["User-Agent"] = value
        case "timeout":
            found.timeout = f"PT{max(1, int(seconds))}S" if (seconds := _number(value)) else None
        case "retry":
            found.attempts = min(_MAX_ATTEMPTS, int(_number(value)) + 1)
        case _:
            found.attempts = min(_MAX_ATTEMPTS, int(_number(value))) or None


def _number(value: str) -> float:
    """Raises ValueError for what is none, or more than a duration can be."""
    if _NUMBER.fullmatch(value) is None or (number := float(value)) > MAX_DURATION.total_seconds():
        raise ValueError("has a number out of range")
    return number
