"""The installed packages that a wheel asks for, as a site-packages of their own: without a network."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement


def required_by(wheels: Iterable[Path]) -> list[Requirement]:
    """What wheels ask for; of extras nothing."""
    texts = [
        line.removeprefix("Requires-Dist: ")
        for wheel in wheels
        for line in _metadata(wheel).splitlines()
        if line.startswith("Requires-Dist: ")
    ]
    return [one for text in texts if _is_wanted(one := Requirement(text), frozenset())]


def closure(asked: Iterable[Requirement], own: Iterable[str]) -> dict[str, Distribution]:
    """Name → distribution of all that is asked for, and what these ask for; without our `own`."""
    found, waiting, left_out = dict[str, Distribution](), list(asked), {_normal(name) for name in own}
    seen = set[tuple[str, frozenset[str]]]()
    while waiting:
        requirement = waiting.pop()
        name, extras = _normal(requirement.name), frozenset(requirement.extras)
        if name in left_out or (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise AssertionError(f"{requirement} is asked for, and is in no lock file") from None
        waiting += [one for text in found[name].requires or () if _is_wanted(one := Requirement(text), extras)]
    return found


def link_into(site_packages: Path, distributions: Iterable[Distribution]) -> None:
    """Put the files of distributions there, as links to what is installed here."""
    for one in distributions:
        tops = {Path(file.parts[0]) for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            target, link = Path(str(one.locate_file(top))), site_packages / top
            if target.is_dir() and link.is_dir() and not link.is_symlink():
                continue
            if link.is_symlink() and target.is_dir():  # a namespace that several share
                shared = link.resolve()
                assert shared == target.resolve(), f"{link} and {target}"
            elif not link.exists():
                link.symlink_to(target)


def _is_wanted(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _metadata(wheel: Path) -> str:
    with ZipFile(wheel) as opened:
        (name,) = [one for one in opened.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)]
        return opened.read(name).decode().partition("\n\n")[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
