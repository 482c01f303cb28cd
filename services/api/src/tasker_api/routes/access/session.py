"""Signing in: a browser keeps the key in a cookie that no script can read."""

from typing import Final

from fastapi import APIRouter, Request, Response

from tasker_api.access.access_check import AccessCheck
from tasker_api.access.caller import Caller
from tasker_api.access.credentials import COOKIE
from tasker_api.openapi.openapi_document import request_body
from tasker_api.request_dependencies import Body, validated
from tasker_api.schemas.access.session import SessionInfo, SignIn

PATH: Final = "/api/v1"
"""The cookie goes to the API only."""
SECONDS: Final = 7 * 24 * 3600
"""So long a browser keeps it; a key that is revoked or has expired is refused before."""
router = APIRouter(prefix="/session", tags=["session"])


@router.get("")
async def read_session(request: Request) -> SessionInfo:
    """Who makes the request, and by which role."""
    access: AccessCheck = request.app.state.access
    return _info(access, access.known_caller(request))


@router.post("", openapi_extra=request_body(SignIn))
async def sign_in(request: Request, response: Response, body: Body) -> SessionInfo:
    """Sign in by a key: sets a cookie with it. 401: it is none that is valid; 409: there are no keys here."""
    access: AccessCheck = request.app.state.access
    key = validated(SignIn, body).key.get_secret_value().strip()
    caller = access.caller_with(key)
    secure = "https" in (request.url.scheme, request.headers.get("origin", "").partition(":")[0])
    response.set_cookie(COOKIE, key, SECONDS, path=PATH, secure=secure, httponly=True, samesite="strict")
    response.headers["Cache-Control"] = "no-store"
    return _info(access, caller)


@router.delete("", status_code=204)
async def sign_out() -> Response:
    """Sign out: drops the cookie. The key stays valid."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return response


def _info(access: AccessCheck, caller: Caller) -> SessionInfo:
    return SessionInfo(keys=access.ring is not None, name=caller.name, role=caller.role, tags=sorted(caller.tags))
