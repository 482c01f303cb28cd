"""Mode `thread`: for libraries that block. It looks at `run.cancelled`, since nobody can stop a thread from outside."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasker import Failed, Run, handler

CHUNK = 64 * 1024


class Copy(BaseModel):
    """What to copy where; an older copy is replaced when the new one is whole."""

    model_config = ConfigDict(extra="forbid")

    source: Path
    target: Path


@handler(payload=Copy, mode="thread")
def copy(run: Run[Copy]) -> dict[str, int]:
    """Copies a file on the executor's machine."""
    wanted = run.payload
    partial = wanted.target.with_name(f".{wanted.target.name}.{run.run_id}")
    try:
        with wanted.source.open("rb") as source, partial.open("wb") as target:
            size = wanted.source.stat().st_size
            while (chunk := source.read(CHUNK)) and not run.cancelled:
                target.write(chunk)
                run.progress(min(1.0, target.tell() / max(size, 1)))
            copied = target.tell()
        if not run.cancelled:
            partial.replace(wanted.target)
    except OSError as error:
        raise Failed("no_copy", str(error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return {"bytes": copied}
