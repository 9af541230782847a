"""Limits on days where an action stands: settings everywhere, zones inside them; what fights is told and never mended."""

import pytest
import shapely

from planner.coverage import limited, survey
from planner.settings import RetentionSettings


@pytest.fixture(scope="module")
def town(paper):
    """A pole and a camera in the west, a pole in the east; three rules on days by place."""
    west, east = shapely.box(-50, -50, 40, 50), shapely.box(60, -50, 150, 50)
    return paper.town(
        mounts=[(0, 0, {"mount_id": "w"}), (100, 0, {"mount_id": "e"})],
        standing=[(20, 0, {"camera_id": "k", "bearing_deg": 90.0, "retention_days": 7.0})],
        zones=[
            (west, {"rule": "min_days", "origin": "police", "limit_days": 21.0}),
            (west, {"rule": "min_days", "origin": "weaker", "limit_days": 16.0}),
            (east, {"rule": "max_days", "origin": "", "limit_days": 10.0}),
            (east, {"rule": "max_days", "origin": "forgotten"}),
        ],
    )


@pytest.fixture(scope="module")
def surveyed(paper, town):
    wish = {"min_days": 14, "min_origin": "guideline", "max_days": 30, "max_origin": "ordinance"}
    return survey(town, paper.demand([(0, 5), (25, 5), (100, 5)]), paper.settings(retention=wish))


def rule_at(surveyed, place):
    actions = surveyed.actions
    rows = actions[(actions["mount_id"] == place) | (actions["camera_id"] == place)]
    bare = rows[["min_days", "max_days", "limit_origin"]].astype(object)
    found = set(bare.where(bare.notna(), None).itertuples(index=False, name=None))
    assert len(found) == 1
    return found.pop()


def test_the_strictest_rule_of_the_place_holds_with_its_origin(surveyed):
    assert rule_at(surveyed, "w") == (21, 30, "police / ordinance")
    assert rule_at(surveyed, "k") == (21, 30, "police / ordinance")
    assert rule_at(surveyed, "e") == (14, 10, "guideline / zones2")  # a zone without origin is named itself


def test_rules_that_fight_are_told_by_rule_and_place(paper, surveyed):
    notes = paper.notes(surveyed)
    told = {"min_days": 14, "min_origin": "guideline", "max_days": 10, "max_origin": "zones2"}
    assert notes["retention_conflict_at"] == {"number": 1, "ids": "e", **told}
    assert notes["zones_without_days"] == {"number": 1, "ids": "zones3"}
    assert notes["standing_outside_retention"] == {"number": 1, "ids": "k"}


def test_other_limits_replace_the_old_ones_and_their_notes(paper, town, surveyed):
    other = limited(surveyed, town, RetentionSettings(max_days=9))
    assert rule_at(other, "w") == (21, 9, "police")
    assert rule_at(other, "e") == (None, 9, "")
    assert paper.notes(other)["retention_conflict_at"]["number"] == 2  # the western pole and the camera
    assert other.sees is surveyed.sees
    again = limited(
        other, town, RetentionSettings(min_days=14, min_origin="guideline", max_days=30, max_origin="ordinance")
    )
    assert again.actions.equals(surveyed.actions)
    assert again.notes == surveyed.notes


def test_without_any_rule_nothing_is_bound(paper):
    free = survey(paper.town(mounts=[(0, 0, {"mount_id": "m"})]), paper.demand([(0, 5)]), paper.settings())
    assert free.actions[["min_days", "max_days"]].isna().all(axis=None)
    assert set(free.actions["limit_origin"]) == {""}
