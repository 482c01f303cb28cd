"""HTTP shapes of the state of the system."""

from typing import Literal

from pydantic import BaseModel, Field

from tasker_core.time.instant import Instant


class FindingInfo(BaseModel):
    """One thing that is not as it should be: `text` says what and why, `action` what to do."""

    severity: Literal["red", "yellow"]
    component: str
    partition: int | None = None
    text: str
    action: str


class MissingPart(BaseModel):
    """What could not be asked, and why: what it would say is left out."""

    part: Literal["kafka", "mongodb"]
    reason: str


class CatchUpInfo(BaseModel):
    """A gap that is being made good, of all tasks whose ids sort after `after_task`."""

    start: Instant = Field(serialization_alias="from")
    end: Instant = Field(serialization_alias="to")
    after_task: str


class CanaryInfo(BaseModel):
    """The newest run of the partition's canary in the log."""

    task_id: str
    due_at: Instant
    late_seconds: float


class PartitionInfo(BaseModel):
    """Where a partition stands. Null is what is not known."""

    partition: int
    owner: str | None = None
    version: str | None = None
    watermark: Instant | None = None
    watermark_age_seconds: float | None = None
    held_tasks: int | None = None
    waiting_events: int | None = None
    clock_offset_ms: int | None = None
    """How far the owner's clock is ahead of the broker's at least; behind it: negative."""
    logged_watermark: Instant | None = None
    catch_up: list[CatchUpInfo] = []
    burst_second: Instant | None = None
    """The second that is being emitted in several transactions."""
    canary: CanaryInfo | None = None


class LagInfo(BaseModel):
    """What of a topic a group has not passed yet; the oldest of it has waited for `oldest_seconds` at least."""

    topic: str
    records: int
    oldest_seconds: float


class GroupInfo(BaseModel):
    """A consumer group."""

    group: str
    service: str | None
    state: str
    members: int
    lag: list[LagInfo]


class InstanceInfo(BaseModel):
    """A process of a service; `version` is `unknown` where its client does not tell it."""

    service: str
    instance: str
    version: str
    host: str | None = None
    partitions: int | None = None
    clock_offset_ms: int | None = None


class DeadLettersInfo(BaseModel):
    """How many dead letters are kept, and how many came in the last hour."""

    total: int
    last_hour: int


class SystemInfo(BaseModel):
    """The state of the whole system. `findings` are sorted, the worst first; `state` is that of the worst."""

    state: Literal["green", "yellow", "red"]
    checked_at: Instant
    findings: list[FindingInfo]
    missing: list[MissingPart]
    held_tasks: int | None
    partitions: list[PartitionInfo]
    groups: list[GroupInfo]
    instances: list[InstanceInfo]
    """Of ticker, executor and log sink all members of their groups; of the API the process that answers."""
    dead_letters: DeadLettersInfo | None
