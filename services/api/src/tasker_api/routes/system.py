"""The state of the whole system."""

from fastapi import APIRouter

from tasker_api.conversion.system import system_info
from tasker_api.request_dependencies import Context
from tasker_api.schemas.system import SystemInfo

router = APIRouter(tags=["system"])


@router.get("/system")
async def read_system(context: Context) -> SystemInfo:
    """What is red and why; where each partition stands; how far each consumer group is behind; what runs where.

    It answers within 3 s also when Kafka or MongoDB is away: `missing` says so, and what they would say is left out.
    """
    return system_info(await context.system.report(), context.system.instance)
