"""How the synchronous client waits before it tries again."""

import threading
from collections.abc import Callable

Pause = Callable[[float], object]


def pause(seconds: float) -> None:
    """Wait. Ctrl-C ends it."""
    threading.Event().wait(seconds)
