"""The wheels that production installs hold no test kits, and everything else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tasker_devstack.paths import ROOT

PROJECTS = [
    path.parent for group in ("packages", "services") for path in sorted(ROOT.glob(f"{group}/*/pyproject.toml"))
]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_wheel_holds_all_modules_but_the_test_kits(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=project, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    built = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    source = {str(path.relative_to(project / "src")) for path in (project / "src").rglob("*.py")}
    kits = {name for name in source if "testing" in Path(name).with_suffix("").parts}
    if project.name == "client":
        kits = set[str]()  # the users' own test kit
    assert built == source - kits
