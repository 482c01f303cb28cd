"""PURE. The entries of a crontab, in its order, as tasks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final, cast

from tasker_core.task_files.crontab.commands import CronCommand, command_of
from tasker_core.task_files.crontab.form_detection import detected_form
from tasker_core.task_files.crontab.lines import Comment, EntryText, Setting, line_content
from tasker_core.task_files.crontab.options import DEFAULT_ZONE, CrontabForm, CrontabOptions
from tasker_core.task_files.crontab.schedules import schedule_of
from tasker_core.task_files.crontab.task_ids import TaskIds
from tasker_core.task_files.crontab.url_calls import url_call
from tasker_core.task_files.crontab.written_entry import MARK, entry_command
from tasker_core.task_files.entries import MAX_ENTRY, Entry, FaultyEntry, FileObject, ImportedTask, task_of
from tasker_core.task_files.json_values import json_value
from tasker_core.task_files.text_input import FileLine
from tasker_core.time.zones import zone

_LINES_LOOKED_AT: Final = 2_000
"""From so many lines the form is known."""
_MAX_DESCRIPTION: Final = 2_000
_MAX_ENVIRONMENT: Final = 100
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_MAIL: Final = frozenset(("MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"))


def crontab_entries(lines: Iterable[FileLine], options: CrontabOptions) -> Iterator[Entry]:
    """A task for each line that has times and a command. Raises UnreadableTaskFile."""
    rest = iter(lines)
    first = list(islice(rest, _LINES_LOOKED_AT))
    crontab = _Crontab(options, options.form or detected_form(_entry_texts(first)))
    for line in chain(first, rest):
        if (entry := crontab.read(line)) is not None:
            yield entry


def _entry_texts(lines: Iterable[FileLine]) -> Iterator[tuple[int, str]]:
    for line in lines:
        try:
            content = line_content(line.text or "")
        except ValueError:
            continue
        if isinstance(content, EntryText):
            yield line.number, content.rest


@dataclass(slots=True)
class _Settings:
    """What the lines so far have set for those below."""

    timezone: str | None
    wrong_zone: str | None = None
    environment: dict[str, str] = field(default_factory=dict[str, str])
    delay: str | None = None
    untold: dict[str, None] = field(default_factory=dict[str, None])


class _Crontab:
    def __init__(self, options: CrontabOptions, form: CrontabForm) -> None:
        self._options = options
        self._form: CrontabForm = form
        self._settings = _Settings(options.timezone)
        self._comments = list[str]()
        self._written: str | None = None
        self._ids = TaskIds(options.prefix)

    def read(self, line: FileLine) -> Entry | None:
        """The entry in the next line; None when there is none in it."""
        if line.text is None:
            return FaultyEntry(line.number, f"is longer than {MAX_ENTRY:,} characters, more than any task can have")
        try:
            match content := line_content(line.text):
                case Comment():
                    self._comment(content)
                    return None
                case Setting():
                    self._set(content)
                    return None
                case EntryText():
                    if _CONTROLS.search(line.text):
                        raise ValueError("holds a control character: remove it")
                    return self._entry(line.number, content)
        except ValueError as error:
            return FaultyEntry(line.number, str(error))
        finally:
            if not line.text.lstrip().startswith("#"):
                self._comments, self._written = [], None

    def _comment(self, comment: Comment) -> None:
        if comment.text.startswith(MARK):
            self._written = comment.text[len(MARK) - 1 :]
        elif comment.ends:
            self._comments = []
        elif len(self._comments) < _MAX_DESCRIPTION:
            self._comments.append(comment.text[:_MAX_DESCRIPTION])

    def _set(self, setting: Setting) -> None:
        """Raises ValueError for a zone that is none; the entries below are faulty then, too."""
        settings = self._settings
        if setting.name == "CRON_TZ":
            settings.wrong_zone = None
            try:
                settings.timezone = zone(setting.value).key if setting.value else self._options.timezone
            except ValueError:
                settings.wrong_zone = setting.value
                raise
        elif setting.name in _MAIL:
            if setting.value:
                settings.untold[f"{setting.name} is left out: `notify` says who is told when a task fails"] = None
        elif setting.name == "RANDOM_DELAY" and setting.value.isdigit():
            settings.delay = f"PT{int(setting.value)}M" if int(setting.value) else None
        elif len(settings.environment) < _MAX_ENVIRONMENT or setting.name in settings.environment:
            settings.environment[setting.name] = setting.value
            if setting.name == "TZ":
                settings.untold["TZ is given to commands; it is CRON_TZ that sets the zone of the times"] = None

    def _entry(self, line: int, entry: EntryText) -> Entry:
        """Raises ValueError."""
        settings = self._settings
        if settings.wrong_zone is not None and entry.timezone is None:
            raise ValueError(f"is below a CRON_TZ that is no time zone: {settings.wrong_zone[:60]!r}")
        given = zone(entry.timezone).key if entry.timezone else settings.timezone
        command = command_of(entry.rest, self._form)
        read = schedule_of(entry.times, given or DEFAULT_ZONE)
        schedule = read.schedule | ({"spread": settings.delay} if settings.delay else {})
        if self._written is not None:
            return self._read_back(line, self._written, schedule, command, entry.rest)
        warnings = [*read.warnings, *settings.untold]
        settings.untold = {}
        if given is None and "cron" in schedule and not re.match(r"@hourly|\S+ \*", schedule["cron"]):
            warnings.append("its times are read at the clock of UTC: say timezone= if they are of another zone")
        if command.flags or entry.is_quiet:
            warnings.append(f"{command.flags or '-'} is left out: it is for cron alone")
        definition: dict[str, Any] = {"id": self._ids.next_id(command)}
        if description := "\n".join(self._comments):
            definition["description"] = _CONTROLS.sub(" ", description)[:_MAX_DESCRIPTION]
        if self._options.tags:
            definition["tags"] = list(self._options.tags)
        definition |= {"schedule": schedule, **self._handled(command, warnings)}
        return ImportedTask(definition["id"], definition, line, tuple(warnings))

    def _handled(self, command: CronCommand, warnings: list[str]) -> dict[str, Any]:
        """Handler and payload of a command. Raises ValueError when nothing here can run it."""
        if command.stdin is None and (call := url_call(command.text)):
            warnings += call.warnings
            return call.fields
        if self._options.handler is None:
            raise ValueError(
                "runs a command that is no plain call of a URL: say handler= with the name of a handler that runs "
                'commands (it is given {"command": …}), or leave the entry out'
            )
        payload: dict[str, Any] = {"command": command.text}
        payload |= {"stdin": command.stdin} if command.stdin is not None else {}
        payload |= {"user": command.user} if command.user else {}
        payload |= {"environment": dict(self._settings.environment)} if self._settings.environment else {}
        return {"handler": self._options.handler, "payload": payload}

    def _read_back(self, line: int, written: str, schedule: dict[str, Any], command: CronCommand, rest: str) -> Entry:
        """The task that an export has put above the entry, with what has been changed in the entry since."""
        entry = task_of(FileObject(line, json_value(written)))
        if isinstance(entry, FaultyEntry):
            return entry
        definition, warnings = entry.definition, list[str]()
        before: Any = definition.get("schedule")
        was = cast("dict[str, Any]", before) if isinstance(before, dict) else {}
        same = {"cron": " ".join(str(was.get("cron")).split()), "timezone": was.get("timezone", DEFAULT_ZONE)}
        if schedule != same:
            definition["schedule"] = {**was, **schedule} if "cron" in schedule else schedule
        if rest.strip() != entry_command(definition):
            definition |= self._handled(command, warnings)
        return ImportedTask(entry.task_id, definition, line, tuple(warnings))
