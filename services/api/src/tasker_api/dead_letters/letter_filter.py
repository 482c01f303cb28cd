"""PURE. Which dead letters are asked for."""

from dataclasses import dataclass

from tasker_api.dead_letters.causes import cause_of
from tasker_api.dead_letters.letter_subject import subject_of
from tasker_core.messages.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which dead letters: those of which all that is given holds.

    `cause`: as `cause_of` says it. `text` is looked for, whatever its case, in the reason and the value.
    """

    service: str | None = None
    topic: str | None = None
    task_id: str | None = None
    cause: str | None = None
    text: str | None = None

    def passes(self, dead_letter: DeadLetter) -> bool:
        """Whether a dead letter is one of them."""
        return (
            self.service in (None, dead_letter.service)
            and self.topic in (None, dead_letter.topic)
            and (self.cause is None or self.cause == cause_of(dead_letter.reason))
            and (self.task_id is None or self.task_id == subject_of(dead_letter).task_id)
            and (self.text is None or self._says(dead_letter))
        )

    def _says(self, dead_letter: DeadLetter) -> bool:
        sought = (self.text or "").casefold()
        if sought in dead_letter.reason.casefold():
            return True
        return sought in dead_letter.value.decode(errors="replace").casefold()
