"""Names that YAML would take for numbers or truths stay the texts that they are."""

from typing import Any, cast

import kubernetes_validate

from tests.chart.rendering import COMPLETE, KUBERNETES, render

OPERATORS = ("ServiceMonitor", "PrometheusRule", "ScaledObject", "TriggerAuthentication")


def odd(value: Any, name: str = "") -> Any:
    """The values with a number for the name of each secret, and a truth for each key of one."""
    if not isinstance(value, dict):
        return value
    found = {key: odd(one, key) for key, one in cast("dict[str, Any]", value).items()}
    return {key: "12345" if key == "name" else "true" for key in found} if name.endswith("Secret") else found


def test_secrets_and_their_keys_are_texts() -> None:
    values: dict[str, Any] = odd(COMPLETE)
    values["executor"]["secrets"] = {"existingSecret": "888"}
    for manifest in render(values):
        if manifest["kind"] not in OPERATORS:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        elif manifest["kind"] == "TriggerAuthentication":
            for reference in manifest["spec"]["secretTargetRef"]:
                assert all(isinstance(text, str) for text in reference.values()), reference
