"""Each route has a rule, and each rule a route; else the API does not start."""

import pytest
from fastapi import APIRouter

from tasker_api import app
from tasker_api.access.roles import RULES, unruled
from tasker_api.settings import ApiSettings
from tasker_runtime.health import Health
from tasker_runtime.logs import configure


class _Module:
    router = APIRouter()


@_Module.router.post("/open-door")
async def _open_door() -> None: ...


def test_what_has_no_counterpart_is_told() -> None:
    assert unruled(RULES) == []
    served = [*RULES, ("POST", "/open-door")]
    served.remove(("GET", "/tasks"))
    assert unruled(served) == [
        "GET /tasks is no route: remove it from access/roles.py",
        "POST /open-door has no rule: add it to access/roles.py",
    ]


def test_an_api_with_a_route_without_a_rule_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "ROUTES", (*app.ROUTES, _Module))
    with pytest.raises(RuntimeError, match="POST /open-door has no rule"):
        app.create_app(ApiSettings(), None, Health(), configure("api", "console"))


def test_every_operation_says_which_role_it_takes() -> None:
    document = app.create_app(ApiSettings(), None, Health(), configure("api", "console")).openapi()
    assert document["paths"]["/api/v1/tasks"]["post"]["security"] == [{"key": ["operator"]}, {"session": ["operator"]}]
    assert document["paths"]["/api/v1/session"]["get"]["security"] == []
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}
