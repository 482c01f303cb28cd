"""`python -m tests.cluster`: disturb a release under load, and judge every second of it."""

import argparse
import os
import subprocess
import sys
from time import monotonic

from tests.cluster.disturbances import all_disturbances
from tests.cluster.release import ClusterFailure, Release, passing, say
from tests.cluster.verdict import SETTLED_SECONDS, judge

PREFIX = "cluster-"
CALM_SECONDS = 30


def main() -> int:
    """0 when every second of all tasks was right throughout, else 1."""
    words = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    words.add_argument("--release", default="tasker")
    words.add_argument("--namespace", default="tasker")
    words.add_argument("--tasks", type=int, default=200, help="how many, each due every second")
    words.add_argument("--minutes", type=float, default=5, help="how long pods are deleted")
    words.add_argument("--seed", type=int, default=1, help="of the choice of pods")
    words.add_argument("--upgrade-to", metavar="TAG", help="a tag of the images to upgrade to")
    words.add_argument("--only", action="append", metavar="NAME", help="only this disturbance (repeatable)")
    given = words.parse_args()
    release = Release(given.release, given.namespace)
    disturbances = all_disturbances(given.minutes, given.seed, given.upgrade_to)
    if unknown := set(given.only or ()) - disturbances.keys():
        words.error(f"there is no {', '.join(unknown)}: there are {', '.join(disturbances)}")
    lines: list[str] = []
    try:
        release.until_ready()
        load(release, "--tasks", str(given.tasks))
        chosen = {name: act for name, act in disturbances.items() if not given.only or name in given.only}
        right = True
        for number, (name, disturb) in enumerate({"calm": calm, **chosen}.items()):
            say(f"== {name}")
            began = monotonic()
            disturb(release)
            took = monotonic() - began
            calm(release, SETTLED_SECONDS)
            verdict = judge(release, f"audit-{number}", monotonic() - began, PREFIX)
            right = right and verdict.is_right
            lines.append(f"{name:<18} {took:4.0f} s  {verdict}")
            say(lines[-1])
        load(release, "--remove")
    except ClusterFailure as failure:
        sys.stderr.write(f"tests.cluster: {failure}\n")
        return 1
    say("\n".join(["", *lines]))
    return 0 if right else 1


def calm(_: Release, seconds: float = CALM_SECONDS) -> None:
    """Disturb nothing for a while."""
    for _passed in passing(seconds):
        pass


def load(release: Release, *words: str) -> None:
    """Make the tasks, or remove them, over the REST API. Raises ClusterFailure."""
    with release.forwarded() as url:
        command = [sys.executable, "-m", "bench", "load", "--api", url, "--prefix", PREFIX, *words]
        environment = os.environ | {"TASKER_API_KEY": release.first_admin_key()}
        if subprocess.run(command, timeout=600, check=False, env=environment).returncode:
            raise ClusterFailure("the tasks can't be made or removed: see above")


if __name__ == "__main__":
    sys.exit(main())
