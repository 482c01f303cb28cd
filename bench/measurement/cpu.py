"""Where the CPU goes: seconds of each process that the benchmark has started, and of its own."""

from pathlib import Path

import psutil

HERE = Path(__file__).parent


class CpuMeter:
    """Counts from its making on."""

    def __init__(self) -> None:
        self._began = _spent()

    def spent(self) -> dict[str, float]:
        """CPU seconds by process since then, the most first."""
        now = _spent()
        spent = {name: seconds - self._began.get(name, 0.0) for name, seconds in now.items()}
        return dict(sorted(spent.items(), key=lambda one: -one[1]))

    def each(self, count: int) -> str:
        """One line: microseconds of CPU by process for each of `count`."""
        spent = self.spent()
        parts = ", ".join(f"{name} {seconds / count * 1e6:.1f}" for name, seconds in spent.items())
        return f"µs of CPU each: {sum(spent.values()) / count * 1e6:.1f} ({parts})"


def _spent() -> dict[str, float]:
    found: dict[str, float] = {}
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        try:
            times, words = process.cpu_times(), process.cmdline()
        except psutil.NoSuchProcess:
            continue
        name = "bench" if process == own else _name(words)
        found[name] = found.get(name, 0.0) + times.user + times.system
    return found


def _name(words: list[str]) -> str:
    program = words[0].rsplit("/", 1)[-1] if words else "ended"
    if program.startswith("python"):
        module = next((word for word in words if word.startswith(("tasker_", str(HERE)))), program)
        if module.startswith(str(HERE)):
            return Path(module).stem.replace("_", "-")
        return module.removeprefix("tasker_").removesuffix(".main").replace("_", "-")
    return {"java": "kafka"}.get(program, program)
