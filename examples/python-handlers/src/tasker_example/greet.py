"""Mode `async`, the default: for whatever waits for others."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tasker import Failed, Run, handler

GREETINGS = {"en": "Hello", "de": "Hallo", "fr": "Bonjour"}


class Greeting(BaseModel):
    """Whom to greet, and how."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    language: Literal["en", "de", "fr"] = "en"


@handler(payload=Greeting)
async def greet(run: Run[Greeting]) -> dict[str, str]:
    """Greets somebody."""
    if run.payload.name == "Nobody":
        raise Failed("nobody", "there is nobody to greet; give another name", retry=False)
    run.logger.info("greeting %s for %s", run.payload.name, run.nominal_at.isoformat())
    return {"greeting": f"{GREETINGS[run.payload.language]}, {run.payload.name}!"}
