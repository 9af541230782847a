"""What becomes of each place: by place, not by the id of an action."""

from __future__ import annotations

from collections import Counter
from html import unescape

from planner import plan as plan_
from planner import show
from planner.show import comparison
from planner.show.words import Words
from planner.text import LANGUAGES, say


def test_each_place_has_one_fate(plan):
    first, second, third, *rest = plan.sites
    longer = second.model_copy(update={"site_id": "other", "offer_id": "other:none", "retention_days": 30.0})
    moved = first.model_copy(
        update={"mount_id": "elsewhere", "camera_id": "", "kind": "install_reused", "site_id": "new"}
    )
    after = plan.model_copy(update={"sites": [first, longer, *rest, moved]})
    found = Counter(fate for fate, _ in plan_.fates(plan, after))
    assert found == {"kept": 1 + len(rest), "changed": 1, "removed": 1, "moved": 1}
    assert Counter(fate for fate, _ in plan_.fates(after, plan))["added"] == 1  # the third is back
    assert third.site_id in {s.site_id for fate, s in plan_.fates(plan, after) if fate == "removed"}


def test_the_command_line_counts_as_the_page_does(plan):
    """A site that keeps longer is one changed place, not one gone and one more."""
    first, second, *rest = plan.sites
    longer = second.model_copy(update={"site_id": "other", "offer_id": "other:none", "retention_days": 30.0})
    found = plan_.compare(plan, plan.model_copy(update={"sites": [first, longer, *rest]}))
    assert (found.added, found.moved, found.removed, found.changed) == ([], [], [], ["other"])
    assert found.kept == [first.site_id, *(s.site_id for s in rest)]


def test_a_district_that_only_one_of_the_plans_has_is_listed_with_what_is_known(plan):
    one, *others = plan.districts
    new = one.model_copy(update={"district_id": "new", "cameras": 3})
    rows = comparison.districts(plan, plan.model_copy(update={"districts": [*others, new]}), Words("ja")).rows
    words = Words("ja")
    cameras = {row[0]: row[3:5] for row in rows}
    assert list(cameras) == [words.district(d.district_id) for d in (one, *others, new)]
    assert cameras[words.district(one.district_id)] == (one.cameras, None)
    assert cameras[words.district("new")] == (None, 3)


def test_the_sentence_and_the_table_count_alike(plan):
    fewer = plan.model_copy(update={"sites": plan.sites[1:]})
    for language in LANGUAGES:
        told = show.difference(plan, fewer, language)
        numbers = {"added": 0, "moved": 0, "removed": 1, "changed": 0, "kept": len(plan.sites) - 1}
        assert show.safe(say(language, "show.compared", **numbers)) in told["said"]
        assert show.thing_name(plan, plan.sites[0].site_id, language) in unescape(told["sites"])
        assert told["sites"].count(f">{say(language, 'becomes.kept')}<") == len(plan.sites) - 1
