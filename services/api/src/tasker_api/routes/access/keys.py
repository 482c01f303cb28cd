"""The API keys that there are: whose they are and what they may do, never the keys themselves."""

from fastapi import APIRouter

from tasker_api.request_dependencies import Context
from tasker_api.schemas.access.session import KeyInfo, KeyList

router = APIRouter(prefix="/keys", tags=["session"])


@router.get("")
async def list_keys(context: Context) -> KeyList:
    """The keys by name. `tasker keys create` and `tasker keys revoke` change them."""
    if context.keys is None:
        return KeyList(keys=False, items=[], trouble=None)
    items = [
        KeyInfo(
            id=key.id,
            name=key.name,
            role=key.role,
            tags=list(key.tags),
            requests_per_second=key.requests_per_second,
            created_at=key.created_at,
            expires_at=key.expires_at,
            is_expired=context.keys.is_expired(key),
        )
        for key in context.keys.listed()
    ]
    return KeyList(keys=True, items=items, trouble=context.keys.trouble)
