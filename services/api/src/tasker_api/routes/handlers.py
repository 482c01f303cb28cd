"""Handlers: what can run."""

from fastapi import APIRouter

from tasker_api.conversion.handlers import handler_info
from tasker_api.request_dependencies import Context
from tasker_api.schemas.handlers import HandlerInfo, HandlerList
from tasker_core.handlers.built_in import described

router = APIRouter(tags=["system"])


@router.get("/handlers")
async def list_handlers(context: Context) -> HandlerList:
    """What can run: Tasker's own handlers, then what executors have announced, by name."""
    built_in = [HandlerInfo(**handler) for handler in described()]
    announced = [handler_info(handler) for handler in await context.handlers.all()]
    return HandlerList(items=[*built_in, *announced])
