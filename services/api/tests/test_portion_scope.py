"""What of a portion is kept to the tasks of a key."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tasker_api.change_sets.portion_scope import NO_SUCH_TASK, kept_within
from tasker_api.change_sets.portions import Item, Portion
from tasker_core.access.key_tags import ALL_TASKS, KeyTags

TAGS = st.lists(st.sampled_from("abc"), max_size=2)
TASKS = st.dictionaries(st.text("xyz", min_size=1, max_size=2), st.tuples(TAGS, TAGS, st.booleans()), max_size=6)


def portion(tasks: dict[str, Any]) -> Portion:
    """Each task is changed to its second tags, or is as wanted already."""
    items = [Item(name, "put", {"task": {"tags": after}}, 1) for name, (_, after, changed) in tasks.items() if changed]
    return Portion("z", items, [name for name, (*_, changed) in tasks.items() if not changed])


@given(TASKS, st.frozensets(st.sampled_from("abc"), min_size=1))
def test_only_theirs_are_changed_and_all_others_are_as_if_not_there(
    tasks: dict[str, Any], tags: frozenset[str]
) -> None:
    kept = kept_within(portion(tasks), {name: before for name, (before, *_) in tasks.items()}, KeyTags(tags))
    for item in kept.items:
        before, after, _ = tasks[item.task_id]
        assert tags & set(before)
        assert tags & set(after)
    told = {one.task_id: one.message for one in kept.left_out}
    assert {item.task_id for item in kept.items} | set(kept.unchanged) | set(told) == set(tasks)
    for name, (before, *_) in tasks.items():
        assert (told.get(name) == NO_SUCH_TASK) == (not tags & set(before))


def test_a_key_without_tags_is_kept_to_none_and_a_task_that_never_was_is_nobodys() -> None:
    item = Item("a", "pause", {"task_id": "a"}, 1)
    assert kept_within(Portion("a", [item]), {}, ALL_TASKS).items == [item]
    assert kept_within(Portion("a", [item]), {}, KeyTags(frozenset("a"))).items == []


@given(st.frozensets(st.sampled_from("ab")), st.frozensets(st.sampled_from("ab")), TAGS)
def test_what_one_key_covers_are_all_tasks_of_the_other(
    wide: frozenset[str], narrow: frozenset[str], tags: list[str]
) -> None:
    if KeyTags(wide).covers(KeyTags(narrow)) and KeyTags(narrow).holds(tags):
        assert KeyTags(wide).holds(tags)
    assert not KeyTags(frozenset("a")).covers(ALL_TASKS)
