"""Checks the rules that no linter knows: sizes, names of classes, purity marks, pages. Part of `make check`."""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ("packages", "services", "examples", "tests", "bench", "scripts", "web/src")
MAX_LINES: Final = 300
MAX_MODULES: Final = 13
"""A folder with more modules side by side hides a structure."""
PURE_CONTRACT: Final = "Pure modules reach no network, no event loop and no clock"
GENERATED: Final = frozenset({"web/src/client/schema.d.ts", "packages/client/src/tasker/rest/shapes.py"})
"""The shapes of the REST API, for the web UI and for Python: as long as it is, by the names that it gives them."""
SAME_NAME: Final = {
    "Run": "what a handler is given, and the message: each is called so by its users",
}
"""Classes that may have a name in common, with the reason."""


def source_roots() -> list[Path]:
    """The folders that hold the import packages."""
    return sorted([*ROOT.glob("packages/*/src"), *ROOT.glob("services/*/src")])


def python_files() -> Iterator[Path]:
    """All modules that are installed."""
    for root in source_roots():
        yield from sorted(root.rglob("*.py"))


def module_name(path: Path) -> str:
    """The dotted name of a module."""
    root = next(root for root in source_roots() if path.is_relative_to(root))
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def long_files() -> Iterator[str]:
    """Files that are too long to be read at once."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.suffix not in (".py", ".ts", ".tsx", ".css", ".java") or name in GENERATED:
                continue
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES:
                yield f"{name}: {lines} lines, at most {MAX_LINES}: split it by concept"


def crowded_folders() -> Iterator[str]:
    """Folders with too many modules side by side."""
    count: dict[Path, int] = defaultdict(int)
    for path in python_files():
        count[path.parent] += path.name != "__init__.py"
    for folder, modules in count.items():
        if modules > MAX_MODULES:
            yield f"{folder.relative_to(ROOT)}: {modules} modules, at most {MAX_MODULES}: make packages of them"


def repeated_classes() -> Iterator[str]:
    """Classes of one name in several modules: one name stands for one thing."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in (one for one in python_files() if str(one.relative_to(ROOT)) not in GENERATED):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module_name(path))
    for name, modules in sorted(places.items()):
        if len(modules) > 1 and name not in SAME_NAME:
            yield f"class {name} is defined in {', '.join(modules)}: add the noun that distinguishes them"


def unchecked_purity() -> Iterator[str]:
    """Modules marked PURE that import-linter does not hold to it, and the other way round."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in config["tool"]["importlinter"]["contracts"]}
    held = contracts[PURE_CONTRACT]["source_modules"]
    for path in python_files():
        name = module_name(path)
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        marked, is_held = docstring.startswith("PURE."), any(f"{name}.".startswith(f"{one}.") for one in held)
        if marked and not is_held:
            yield f"{name} is marked PURE, but not among the source_modules of the contract {PURE_CONTRACT!r}"
        if is_held and not marked and path.name != "__init__.py" and not re.match(r"tasker_core\b", name):
            yield f"{name} is held to be pure, but its docstring does not begin with PURE."


def lost_references() -> Iterator[str]:
    """Files that a page or a module names and that are not there."""
    paths = [path.relative_to(ROOT).as_posix() for folder in SOURCES for path in (ROOT / folder).rglob("*.*")]
    pages = (ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    named = [(page, re.findall(r"`([\w./-]+\.(?:py|tsx?))`", page.read_text(encoding="utf-8"))) for page in pages]
    named += [(path, re.findall(r"[\w./-]*\w\.py\b", path.read_text(encoding="utf-8"))) for path in python_files()]
    for place, names in named:
        for name in names:
            if not any(f"/{path}".endswith(f"/{name}") for path in paths):
                yield f"{place.relative_to(ROOT)} names {name}, which is not there"


def undrawn_packages() -> Iterator[str]:
    """Packages that the tree of the architecture page does not show."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in python_files():
        name = module_name(path).partition(".")[2].replace(".", "/")
        if path.name == "__init__.py" and name and name != "testing" and f" {name}/ " not in page:
            yield f"docs/architecture.md does not show the package {module_name(path)}"


def main() -> int:
    """0 when all rules are kept."""
    checks = (long_files, crowded_folders, repeated_classes, unchecked_purity, lost_references, undrawn_packages)
    broken = [line for check in checks for line in check()]
    for line in broken:
        sys.stderr.write(f"structure: {line}\n")
    if not broken:
        sys.stdout.write("structure: sizes, names and purity as they should be\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
