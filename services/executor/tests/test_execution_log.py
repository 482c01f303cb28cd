"""The lines of the execution log, in both forms."""

import asyncio
import io
from typing import Any

import msgspec
import pytest

from tasker_executor.handlers.execution_log import ExecutionLog
from tasker_executor.run_log_fields import set_partition
from tasker_executor.testing.executor_harness import CLOCK
from tasker_executor.testing.target_server import AT, run_of

RUN = msgspec.structs.replace(run_of(None, run_id="r", task_name="T\n2"), payload=msgspec.Raw(b'{"a":\n1}'))


@pytest.mark.parametrize("line_format", ["console", "json"])
async def test_the_execution_log_is_one_line_a_run(line_format: Any) -> None:
    stream = io.StringIO()
    lines = ExecutionLog(line_format, stream, CLOCK)
    set_partition(3)
    lines.write(RUN)
    lines.write(msgspec.structs.replace(RUN, payload=msgspec.Raw(b'"' + b"x" * 5000 + b'"')))
    assert stream.getvalue() == ""
    flushed = asyncio.Event()
    asyncio.get_running_loop().call_soon(flushed.set)
    await flushed.wait()
    first, second = stream.getvalue().splitlines()
    assert 1000 < len(second) < 1500
    if line_format == "json":
        line = msgspec.json.decode(first)
        assert line.pop("at").endswith("Z")
        assert line == {
            "service": "executor",
            "action": "run",
            "level": "info",
            "trace_id": "r",
            "task_id": "t",
            "task_name": "T\n2",
            "run_id": "r",
            "attempt": 1,
            "partition": 3,
            "nominal_at": AT,
            "payload": {"a": 1},
        }
        msgspec.json.decode(second)
    else:
        assert 'payload={"a": 1} run_id=r service=executor task_id=t task_name="T\\n2"' in first
