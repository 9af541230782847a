"""What becomes of each place: by place, not by the id of an action."""

from __future__ import annotations

from collections import Counter
from html import unescape

from planner import show
from planner.show import comparison
from planner.text import LANGUAGES, say


def test_each_place_has_one_fate(plan):
    first, second, third, *rest = plan.sites
    longer = second.model_copy(update={"site_id": "other", "offer_id": "other:none", "retention_days": 30.0})
    moved = first.model_copy(
        update={"mount_id": "elsewhere", "camera_id": "", "kind": "install_reused", "site_id": "new"}
    )
    after = plan.model_copy(update={"sites": [first, longer, *rest, moved]})
    found = Counter(fate for fate, _ in comparison._fates(plan, after))
    assert found == {"kept": 1 + len(rest), "changed": 1, "removed": 1, "moved": 1}
    assert Counter(fate for fate, _ in comparison._fates(after, plan))["added"] == 1  # the third is back
    assert third.site_id in {s.site_id for fate, s in comparison._fates(plan, after) if fate == "removed"}


def test_the_sentence_and_the_table_count_alike(plan):
    fewer = plan.model_copy(update={"sites": plan.sites[1:]})
    for language in LANGUAGES:
        told = show.difference(plan, fewer, language)
        numbers = {"added": 0, "moved": 0, "removed": 1, "changed": 0, "kept": len(plan.sites) - 1}
        assert show.safe(say(language, "show.compared", **numbers)) in told["said"]
        assert show.thing_name(plan, plan.sites[0].site_id, language) in unescape(told["sites"])
        assert told["sites"].count(f">{say(language, 'becomes.kept')}<") == len(plan.sites) - 1
