"""What is counted of all runs, merged or not, as MongoDB holds it."""

from tasker_core.statistics.batch_statistics import decode_batch_statistics
from tasker_core.statistics.run_statistics import RunStatistics, by_group, stored_statistics
from tasker_runtime.mongo import Mongo


async def counted_runs(mongo: Mongo) -> RunStatistics:
    """All of it; while it is being merged, some may be seen twice or not at all."""
    found = RunStatistics()
    for day in await mongo.database["stats"].find({"resolution": "day", "of": "all"}).to_list(None):
        found.merge(stored_statistics(day))
    pending = await mongo.database["stats_pending"].find({}).to_list(None)
    for group in by_group(decode_batch_statistics(one["data"]) for one in pending).values():
        found.merge(group)
    return found


async def has_counted(mongo: Mongo, number: int) -> bool:
    """Whether exactly so many runs are counted, each of which was promised."""
    return (await counted_runs(mongo)).promised == number
