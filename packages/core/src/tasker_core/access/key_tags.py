"""PURE. Which tasks are those of a key: with tags its holder sees and changes only tasks that have one of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tasker_core.errors import FieldError, pointer


@dataclass(frozen=True, slots=True)
class KeyTags:
    """The tags of a key. Without any, all tasks are its holder's."""

    tags: frozenset[str] = frozenset()

    @property
    def in_order(self) -> tuple[str, ...]:
        """The tags, sorted; none: all tasks."""
        return tuple(sorted(self.tags))

    def holds(self, tags: Iterable[str]) -> bool:
        """Whether a task with these tags is theirs."""
        return not self.tags or not self.tags.isdisjoint(tags)

    def covers(self, other: "KeyTags") -> bool:
        """Whether all tasks of another key are theirs, too."""
        return not self.tags or (bool(other.tags) and other.tags <= self.tags)

    def may_take(self, tags: Iterable[str] | None) -> bool:
        """Whether a task may be put under an id: of one with these tags, which may be deleted; None: there was none.

        Whoever has the id of a deleted task sees what is kept of it, its history and its runs.
        """
        return tags is None or self.holds(tags)

    def errors_of(
        self, tags: Iterable[str], successors: Sequence[str], tags_of: Mapping[str, Iterable[str]]
    ) -> list[FieldError]:
        """Why their task may not have these tags, or start these others: `tags_of` those that there are, or were.

        It must stay theirs, and start none that is not: nor one that is still to be made, by whomever.
        """
        errors = list[FieldError]()
        if not self.holds(tags):
            message = f"none of the tags of this key is there: give the task {self.wording()}"
            errors.append(FieldError(pointer="/tags", message=message))
        for number, successor in enumerate(successors):
            if self.tags and not self.holds(tags_of.get(successor, ())):
                message = "is none of the tasks that this key may start: leave it out, or make it first"
                errors.append(FieldError(pointer=pointer(("then", number, "task")), message=message))
        return errors

    def wording(self) -> str:
        """The tags, as an error says them."""
        return " or ".join(repr(tag) for tag in self.in_order)


ALL_TASKS: Final = KeyTags()
