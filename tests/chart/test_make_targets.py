"""The targets for Kubernetes: what they would run (`make --dry-run`)."""

import re
import subprocess

from tasker_devstack.paths import ROOT


def commands(target: str, *variables: str) -> str:
    """What a target would run, without what it prints."""
    command = ["make", "--no-print-directory", "--dry-run", target, "HELM=helm", *variables]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout


def test_values_of_ones_own_come_after_those_of_k8s_apply() -> None:
    """A `--set` would win over every file: no file could turn the backends to try with off, or name a registry."""
    found = commands("k8s-apply", "HELM_ARGS=-f own.yaml", "IMAGE_PREFIX=registry.example/tasker", "IMAGE_TAG=9")
    (helm,) = re.findall(r"release\(\) \{ (.*?); \}", found)
    assert "--set" not in helm
    assert re.search(
        r"--values <\(.*devDependencies: \{enabled: true\}.*'registry.example/tasker' '9'\) -f own.yaml$", helm
    )


def test_k8s_apply_says_where_it_works_before_it_does() -> None:
    found = commands("k8s-apply", "K8S_NAMESPACE=here", "K8S_RELEASE=mine")
    assert found.index("release mine in the namespace here of the context") < found.index("upgrade --install")


def test_k8s_delete_leaves_neither_data_nor_keys_nor_the_pod_of_the_test() -> None:
    assert "delete pod,pvc,secret -l app.kubernetes.io/instance=mine" in commands("k8s-delete", "K8S_RELEASE=mine")
