"""A large batch counts as backlog while it is written and a moment longer."""

from tasker_log_sink.backlog import BATCH_SECONDS, LARGE_BATCH, NEXT_BATCH_SECONDS, Backlog


def test_a_large_batch_is_a_sign_of_more() -> None:
    now = 100.0
    backlog = Backlog(lambda: now)
    assert not backlog.is_large
    backlog.batch_begins(LARGE_BATCH)
    now += BATCH_SECONDS - 1
    assert backlog.is_large
    backlog.batch_ends(LARGE_BATCH)
    assert backlog.is_large
    now += NEXT_BATCH_SECONDS
    assert not backlog.is_large


def test_a_batch_that_hangs_does_not_count_for_ever() -> None:
    now = 100.0
    backlog = Backlog(lambda: now)
    backlog.batch_begins(LARGE_BATCH)
    now += BATCH_SECONDS
    assert not backlog.is_large


def test_a_small_batch_between_large_ones_changes_nothing() -> None:
    now = 100.0
    backlog = Backlog(lambda: now)
    backlog.batch_begins(LARGE_BATCH)
    backlog.batch_ends(LARGE_BATCH)
    backlog.batch_begins(1)
    now += NEXT_BATCH_SECONDS / 2
    backlog.batch_ends(1)
    assert backlog.is_large
    now += NEXT_BATCH_SECONDS / 2
    assert not backlog.is_large
