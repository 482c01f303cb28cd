"""What many routes take and answer, said once."""

from typing import Annotated, Any

from fastapi import Depends, Path

from tasker_api import schemas
from tasker_api.deps import Commander, Services, json_body, services
from tasker_core.ids import TASK_ID_PATTERN

Body = Annotated[dict[str, Any], Depends(json_body)]
Use = Annotated[Services, Depends(services)]
Issue = Annotated[Commander, Depends(Commander)]
TaskIdPath = Annotated[str, Path(pattern=TASK_ID_PATTERN)]
PENDING: dict[int | str, dict[str, Any]] = {202: {"model": schemas.Pending, "description": "Taken, not decided yet"}}
