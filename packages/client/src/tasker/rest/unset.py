"""PURE. What is not given, where None is a value of its own."""

from typing import Any, Final


class Unset:
    """Nothing was given."""

    def __repr__(self) -> str:
        """As it is shown in signatures."""
        return "UNSET"


UNSET: Final = Unset()


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were given."""
    return {name: value for name, value in fields.items() if value is not UNSET}
